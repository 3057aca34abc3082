//! Which pods count, and what each metric alone makes of them.

use quorate::Micros;
use quorate::autoscale::hpa::{
    MetricError, Pod, PodSums, Proposal, ResourceName, StartUp, Usage, classify, propose_average,
    propose_average_of_total, propose_total, propose_utilization, sum_of_values,
};

use super::table::{NOW, Row, for_each_row};
use super::test;

/// The flags with which the tables of the original run.
pub(crate) const START_UP: StartUp = StartUp {
    cpu_initialization_period: Micros::from_secs(120),
    initial_readiness_delay: Micros::from_secs(10),
};

pub(crate) fn utilization_sums(input: &Row<'_>) -> PodSums {
    let pods: Vec<Pod> = input.at("pods").rows().map(|row| row.plain_pod()).collect();
    let mut sums = PodSums::for_utilization(input.at("target_pct").count()).with_pods(
        &pods,
        Some(ResourceName::Cpu),
        &START_UP,
        NOW,
    );
    for extra in input.at("extra_metrics").rows() {
        sums.add_foreign(extra.integer().unwrap());
    }
    sums
}

pub(crate) fn average_sums(input: &Row<'_>) -> PodSums {
    let pods: Vec<Pod> = input.at("pods").rows().map(|row| row.plain_pod()).collect();
    PodSums::for_average().with_pods(&pods, None, &START_UP, NOW)
}

pub(crate) fn values(input: &Row<'_>) -> Vec<i64> {
    let values = input.at("values_m");
    values.rows().map(|row| row.integer().unwrap()).collect()
}

/// Checks replicas, and what the table says about usage, against a proposal.
fn check(expect: &Row<'_>, proposal: Proposal) {
    assert_eq!(
        proposal.replicas,
        expect.at("replicas").count(),
        "{}",
        expect.name
    );
    let stated = |key| expect.at(key).integer();
    let (percent, average, total) = match proposal.usage {
        Usage::Utilization { percent, average } => (Some(i64::from(percent)), Some(average), None),
        Usage::Average(average) => (None, Some(average), None),
        Usage::Total(total) => (None, None, Some(total)),
    };
    let averages = ["avg_usage_m", "avg_m", "per_pod_m"]
        .into_iter()
        .find_map(stated);
    assert_eq!(averages, average, "{}", expect.name);
    assert_eq!(stated("utilization_pct"), percent, "{}", expect.name);
    assert_eq!(stated("usage_m"), total, "{}", expect.name);
}

#[test]
fn classes_are_those_of_the_table() {
    for_each_row(include_str!("vectors/classify.json"), |input, expect| {
        let start_up = StartUp {
            cpu_initialization_period: input.at("cpu_init_s").span(),
            initial_readiness_delay: input.at("readiness_delay_s").span(),
        };
        let resource = match input.at("resource").text() {
            "cpu" => Some(ResourceName::Cpu),
            "memory" => Some(ResourceName::Memory),
            _ => None,
        };
        let pods: Vec<Pod> = input.at("pods").rows().map(|row| row.timed_pod()).collect();
        let names: Vec<_> = input
            .at("pods")
            .rows()
            .map(|row| row.at("name").text())
            .collect();
        let grouping = classify(&pods, resource, &start_up, NOW);
        let of_pods = |indexes: &[usize]| -> Vec<&str> {
            indexes.iter().map(|&index| names[index]).collect()
        };
        let stated = |key| -> Vec<&str> { expect.at(key).rows().map(|row| row.text()).collect() };
        let ready = usize::try_from(expect.at("ready_count").count()).unwrap();
        assert_eq!(grouping.ready_count, ready, "{}", input.name);
        assert_eq!(
            of_pods(&grouping.unready),
            stated("unready"),
            "{}",
            input.name
        );
        assert_eq!(
            of_pods(&grouping.missing),
            stated("missing"),
            "{}",
            input.name
        );
        assert_eq!(
            of_pods(&grouping.ignored),
            stated("ignored"),
            "{}",
            input.name
        );
    });
}

#[test]
fn resource_utilization_proposes_what_the_table_says() {
    for_each_row(
        include_str!("vectors/resource_utilization.json"),
        |input, expect| {
            let proposal = propose_utilization(
                &utilization_sums(input),
                input.at("target_pct").count(),
                input.at("current_replicas").count(),
                input.tolerance(),
            );
            match expect.at("error").text() {
                "" => check(expect, proposal.unwrap()),
                "no_metrics" => assert_eq!(proposal, Err(MetricError::NoSamples)),
                "no_metrics_for_known_pods" => {
                    assert_eq!(proposal, Err(MetricError::NoSamplesOfKnownPods));
                }
                "missing_request" => assert_eq!(proposal, Err(MetricError::MissingRequest)),
                other => panic!("{other}"),
            }
        },
    );
}

#[test]
fn pods_averages_propose_what_the_table_says() {
    for_each_row(
        include_str!("vectors/pods_average.json"),
        |input, expect| {
            let proposal = propose_average(
                &average_sums(input),
                input.at("target_avg_m").integer().unwrap(),
                input.at("current_replicas").count(),
                input.tolerance(),
            );
            check(expect, proposal.unwrap());
        },
    );
}

#[test]
fn totals_propose_what_the_table_says() {
    for_each_row(include_str!("vectors/total_value.json"), |input, expect| {
        let proposal = propose_total(
            sum_of_values(&values(input)),
            input.at("target_m").integer().unwrap(),
            input.at("current_replicas").count(),
            Some(u32::try_from(input.at("ready_pods").count()).unwrap()),
            input.tolerance(),
        );
        check(expect, proposal.unwrap());
    });
}

#[test]
fn averages_of_totals_propose_what_the_table_says() {
    for_each_row(
        include_str!("vectors/average_value.json"),
        |input, expect| {
            let proposal = propose_average_of_total(
                input.at("value_m").integer().unwrap(),
                input.at("target_avg_m").integer().unwrap(),
                input.at("status_replicas").count(),
                input.tolerance(),
            );
            check(expect, proposal.unwrap());
        },
    );
}

#[test]
fn samples_of_unknown_pods_alone_are_no_utilization() {
    let mut sums = PodSums::for_utilization(100);
    sums.add(quorate::autoscale::hpa::PodClass::Missing, None, Some(1000));
    sums.add_foreign(100);
    let proposal =
        propose_utilization(&sums, 100, 1, quorate::autoscale::hpa::Tolerance::default());
    assert_eq!(proposal, Err(MetricError::NoSamplesOfKnownPods));
}
