//! One machine that serves one client after the other: what a history is compared with.

/// What a single machine would do with one key.
///
/// It is a function, not a machine: the search applies operations, takes them back and applies
/// others, from any state it has seen. It must be deterministic.
pub trait Specification {
    /// What is asked. Equal calls do the same.
    type Call: PartialEq;
    /// What is answered.
    type Answer;
    /// What the machine holds under one key. Equal states must answer everything equally.
    type State: Clone + Ord;

    /// What it holds before anything was asked.
    fn initial(&self) -> Self::State;

    /// The state after the call, or `None` if a machine in `state` would have answered otherwise.
    ///
    /// Without an answer, the state after the call if it takes effect; `None` if it cannot.
    fn apply(
        &self,
        state: &Self::State,
        call: &Self::Call,
        answer: Option<&Self::Answer>,
    ) -> Option<Self::State>;

    /// Whether a call with this answer leaves every state that it fits as it is. (A write of what is there
    /// does not count: elsewhere it would change something.)
    fn only_reads(&self, call: &Self::Call, answer: &Self::Answer) -> bool;

    /// Whether a call can only add to what is there, as an append does. By default none does.
    fn only_grows(&self, _: &Self::Call) -> bool {
        false
    }

    /// Whether calls that only grow can lead from a state to one in which this answer fits. It may say
    /// yes where the truth is no, which costs time.
    fn leads_to(&self, _: &Self::State, _: &Self::Call, _: &Self::Answer) -> bool {
        true
    }

    /// What a client did, in words that follow its name: `read 4`.
    fn describe(&self, call: &Self::Call, answer: Option<&Self::Answer>) -> String;

    /// What is under the key, in words that follow `could only be`: `4`.
    fn describe_state(&self, state: &Self::State) -> String;
}
