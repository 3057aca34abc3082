//! Which crate may depend on which.

use toml::{Table, Value};

use super::Problem;
use super::tree::Tree;

/// Each member of the workspace, its package, and the packages of the workspace it may know.
pub(super) const MEMBERS: [(&str, &str, &[&str]); 7] = [
    ("core", "quorate", &[]),
    ("sim", "quorate-sim", &["quorate"]),
    ("cli", "quorate-cli", &["quorate", "quorate-sim"]),
    ("npm", "quorate-wasm", &["quorate", "quorate-sim"]),
    ("web", "quorate-web", &["quorate", "quorate-sim"]),
    (
        "wasm-tests",
        "wasm-tests",
        &["quorate", "quorate-sim", "quorate-wasm", "quorate-web"],
    ),
    ("xtask", "xtask", &[]),
];

/// The kernel knows nobody, the simulator knows the kernel, what people use knows both and not
/// each other.
pub(super) fn dependency_directions(tree: &Tree) -> Vec<Problem> {
    let mut problems = listed_members(tree);
    for (member, package, allowed) in MEMBERS {
        let path = format!("{member}/Cargo.toml");
        let Some(text) = tree.text(&path) else {
            problems.push(Problem::new(&path, 1, "is missing; the workspace needs it"));
            continue;
        };
        let Ok(manifest) = text.parse::<Table>() else {
            problems.push(Problem::new(&path, 1, "is not valid TOML; correct it"));
            continue;
        };
        if package_name(&manifest) != Some(package) {
            let what = format!("must be package `{package}`: commands call it by that name");
            problems.push(Problem::new(&path, 1, what));
        }
        let is_ours = |name: &&str| MEMBERS.iter().any(|(_, member, _)| member == name);
        let is_forbidden = |name: &&str| !allowed.contains(name) && *name != package;
        for name in dependencies(&manifest)
            .into_iter()
            .filter(is_ours)
            .filter(is_forbidden)
        {
            let what = format!("`{package}` must not know `{name}`; move what they share down");
            problems.push(Problem::new(&path, line_of(text, name), what));
        }
    }
    problems
}

/// Members that this rule has never heard of.
fn listed_members(tree: &Tree) -> Vec<Problem> {
    let root = tree
        .text("Cargo.toml")
        .and_then(|text| text.parse::<Table>().ok());
    let workspace = root
        .as_ref()
        .and_then(|root| root.get("workspace")?.get("members"));
    let Some(members) = workspace.and_then(Value::as_array) else {
        return vec![Problem::new(
            "Cargo.toml",
            1,
            "lists no workspace members; list them",
        )];
    };
    members
        .iter()
        .filter_map(Value::as_str)
        .filter(|member| MEMBERS.iter().all(|(known, ..)| known != member))
        .map(|member| {
            let what = format!("member `{member}` has no rule; say in tidy whom it may know");
            Problem::new("Cargo.toml", 1, what)
        })
        .collect()
}

fn package_name(manifest: &Table) -> Option<&str> {
    manifest.get("package")?.get("name")?.as_str()
}

/// The packages named in every dependency table, of all targets.
fn dependencies(manifest: &Table) -> Vec<&str> {
    let mut names = tables_of(manifest);
    if let Some(targets) = manifest.get("target").and_then(Value::as_table) {
        names.extend(
            targets
                .values()
                .filter_map(Value::as_table)
                .flat_map(tables_of),
        );
    }
    names
}

fn tables_of(manifest: &Table) -> Vec<&str> {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .into_iter()
        .filter_map(|kind| manifest.get(kind)?.as_table())
        .flatten()
        // A renamed dependency carries its real name inside.
        .map(|(key, value)| value.get("package").and_then(Value::as_str).unwrap_or(key))
        .collect()
}

fn line_of(text: &str, name: &str) -> usize {
    let starts = |line: &str| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with([' ', '.', '=']))
    };
    text.lines().position(starts).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::{MEMBERS, dependency_directions};
    use crate::tidy::tree::Tree;

    fn problems(member: &str, dependencies: &str) -> Vec<String> {
        let mut files = vec![(
            "Cargo.toml".to_owned(),
            "[workspace]\nmembers = [\"core\", \"sim\"]\n".to_owned(),
        )];
        for (path, package, _) in MEMBERS {
            let mut text = format!("[package]\nname = \"{package}\"\n");
            if path == member {
                text += dependencies;
            }
            files.push((format!("{path}/Cargo.toml"), text));
        }
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        dependency_directions(&Tree::of(&files))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn an_allowed_dependency_is_fine() {
        let none: [String; 0] = [];
        assert_eq!(
            problems("sim", "[dependencies]\nquorate.workspace = true\n"),
            none
        );
    }

    #[test]
    fn the_kernel_may_not_know_the_simulator() {
        let found = problems(
            "core",
            "[dev-dependencies]\nquorate-sim = { path = \"../sim\" }\n",
        );
        assert_eq!(
            found,
            ["core/Cargo.toml:4: `quorate` must not know `quorate-sim`; move what they share down"]
        );
    }

    #[test]
    fn a_new_name_or_a_target_does_not_hide_a_dependency() {
        let renamed = "[target.'cfg(unix)'.dependencies]\nx = { package = \"quorate-cli\" }\n";
        assert_eq!(problems("web", renamed).len(), 1);
    }
}
