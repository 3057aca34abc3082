//! `quorate export` and `quorate import`: policies in the forms of clouds, and back.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use quorate_sim::cloud::hpa::{self, Identity, NodeSize};
use quorate_sim::cloud::{Exported, Quantity, ec2, vmss};

use crate::failure::Failure;
use crate::input::Delay;
use crate::policy;

/// Which policy, for which cloud.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// A strategy by name, a policy file (JSON) or a manifest of Kubernetes (YAML).
    #[arg(long, value_name = "NAME|FILE")]
    policy: String,
    /// For which system.
    #[arg(long, value_enum)]
    to: System,
    /// What it scales there: a Deployment, an Auto Scaling group, or the resource id of a scale set.
    #[arg(long, default_value = "web")]
    name: String,
    /// The namespace of the Deployment.
    #[arg(long)]
    namespace: Option<String>,
    /// The time between the order of a node and its first request.
    #[arg(long, value_name = "TIME", default_value = "120s")]
    start_up: Delay,
    #[command(flatten)]
    size: SizeArguments,
}

/// What a node has.
#[derive(Debug, Args)]
pub(crate) struct SizeArguments {
    /// The cores of a node, as Kubernetes writes them.
    #[arg(long, value_name = "CORES", default_value = "1")]
    node_cpu: Quantity,
    /// The bytes of a node, as Kubernetes writes them.
    #[arg(long, value_name = "BYTES", default_value = "1Gi")]
    node_memory: Quantity,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum System {
    /// A horizontal pod autoscaler of Kubernetes, `autoscaling/v2`.
    Hpa,
    /// Step policies and alarms of EC2 Auto Scaling.
    Ec2,
    /// An autoscale setting of Azure.
    Vmss,
}

impl SizeArguments {
    fn size(&self) -> Result<NodeSize, Failure> {
        let (cpu, memory) = (self.node_cpu, self.node_memory);
        if cpu.milli <= 0 || memory.milli <= 0 {
            let what = "a node has more than no cores and more than no memory";
            return Err(Failure::Options(what.into()));
        }
        Ok(NodeSize { cpu, memory })
    }
}

/// Prints the policy in the form of the system, what is lost on standard error.
pub(crate) fn export(arguments: &ExportArguments) -> Result<ExitCode, Failure> {
    let named = policy::find(&arguments.policy)?;
    for note in &named.notes {
        eprintln!("note: {note}");
    }
    let Delay(start_up) = arguments.start_up;
    let Exported { text, notes } = match arguments.to {
        System::Hpa => {
            let identity = Identity {
                namespace: arguments.namespace.clone(),
                ..Identity::deployment(arguments.name.as_str())
            };
            hpa::export(&named.policy, identity, arguments.size.size()?)
        }
        System::Ec2 => ec2::export(&named.policy, &arguments.name, start_up),
        System::Vmss => vmss::export(&named.policy, &named.name, &arguments.name),
    };
    for note in notes {
        eprintln!("note: {note}");
    }
    println!("{}", text.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// Which manifest.
#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// A horizontal pod autoscaler of Kubernetes, in YAML or JSON.
    manifest: PathBuf,
    #[command(flatten)]
    size: SizeArguments,
}

/// Prints the policy of a manifest as JSON, what is lost on standard error.
pub(crate) fn import(arguments: &ImportArguments) -> Result<ExitCode, Failure> {
    let path = &arguments.manifest;
    let text = fs::read_to_string(path).map_err(|error| Failure::Unreadable(path.into(), error))?;
    let (policy, notes) = policy::of_manifest(path, &text, arguments.size.size()?)?;
    for note in notes {
        eprintln!("note: {note}");
    }
    let json = serde_json::to_string_pretty(&policy).expect("plain data has a JSON form");
    println!("{json}");
    Ok(ExitCode::SUCCESS)
}
