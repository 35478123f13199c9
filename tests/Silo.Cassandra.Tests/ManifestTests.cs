using System.Collections;
using Elasticity.Silo.Tests;
using k8s.Models;
using Xunit;

namespace Elasticity.Silo.Cassandra.Tests;

/// <summary>The program accepts what the overlay with Cassandra says.</summary>
public class ManifestTests
{
    public static TheoryData<string> Overlays => ["overlays/cassandra"];

    [KustomizeTheory]
    [MemberData(nameof(Overlays))]
    public async Task Silos_and_the_job_are_told_the_same_Cassandra(string overlay)
    {
        List<object> all = await Manifests.BuildAsync(overlay);
        V1PodSpec silo = all.OfType<V1Deployment>().Single().Spec.Template.Spec;
        V1PodSpec job = all.OfType<V1Job>().Single().Spec.Template.Spec;

        SiloOptions options = OptionsOf(silo, all);

        Assert.Equal("cassandra", options.EffectiveClustering.Name);
        Assert.Equivalent(CassandraSettings.Of(options), CassandraSettings.Of(OptionsOf(job, all)), strict: true);
        Assert.All([silo, job], pod =>
        {
            V1Container container = Assert.Single(pod.Containers);
            Assert.Contains("/elasticity-silo-cassandra:", container.Image, StringComparison.Ordinal);
            Assert.Contains(container.VolumeMounts, m => CassandraSettings.Of(options).PasswordFile!
                .StartsWith(m.MountPath + "/", StringComparison.Ordinal));
            Assert.All(container.VolumeMounts, m => Assert.Contains(pod.Volumes, v => v.Name == m.Name));
        });
    }

    [KustomizeTheory]
    [MemberData(nameof(Overlays))]
    public async Task The_port_of_Cassandra_is_let_out(string overlay)
    {
        List<object> all = await Manifests.BuildAsync(overlay);
        SiloOptions options = OptionsOf(all.OfType<V1Deployment>().Single().Spec.Template.Spec, all);

        Assert.Contains(
            all.OfType<V1NetworkPolicy>().SelectMany(p => p.Spec.Egress ?? []).SelectMany(e => e.Ports),
            p => p.Port.Value == $"{CassandraSettings.Of(options).Port}");
    }

    private static SiloOptions OptionsOf(V1PodSpec pod, List<object> all)
    {
        Hashtable environment = [];
        V1Container container = pod.Containers.Single();
        foreach (V1EnvFromSource source in container.EnvFrom ?? [])
        {
            foreach ((string name, string value) in all.OfType<V1ConfigMap>()
                .Single(m => m.Metadata.Name == source.ConfigMapRef.Name).Data)
            {
                environment[name] = value;
            }
        }

        foreach (V1EnvVar variable in container.Env ?? [])
        {
            environment[variable.Name] = variable switch
            {
                { ValueFrom.FieldRef.FieldPath: "status.podIP" } => "10.1.2.3",
                { ValueFrom.SecretKeyRef.Key: "connection-string" } => "Host=postgresql;Username=u;Password=p",
                _ => variable.Value,
            };
        }

        return OptionsTests.Read([], environment);
    }
}
