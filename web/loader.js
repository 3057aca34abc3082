// What Trunk tells about loading the program: moves the bar, or says why there is nothing to see.
// The page and its messages are in index.html; nothing here may depend on the program itself.
export default function loader() {
  const bar = document.getElementById("loading-progress");
  return {
    onStart() {
      if (typeof WebAssembly !== "object") {
        window.quorateFailed?.(
          "This browser has no WebAssembly",
          "Quorate runs a whole cluster in the page and needs it. Any current browser has it; some switch it off in their strictest mode.",
        );
      }
    },
    onProgress({ current, total }) {
      if (bar && total > 0) bar.value = current / total;
    },
    onFailure(reason) {
      window.quorateFailed?.("The laboratory did not load", String(reason?.message ?? reason));
    },
  };
}
