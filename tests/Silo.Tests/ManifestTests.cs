using System.Collections;
using System.Text.RegularExpressions;
using Elasticity.Contracts;
using k8s;
using k8s.Models;
using Xunit;

namespace Elasticity.Silo.Tests;

/// <summary>The manifests are well-formed, and what they name is there: in the silo, and in each other.</summary>
public partial class ManifestTests
{
    private static readonly string[] Probes = [Routes.Healthz, Routes.Readyz];

    public static TheoryData<string> Overlays => [.. Manifests.Overlays];

    [Fact]
    public void Every_file_holds_only_fields_that_Kubernetes_knows() =>
        Assert.All(Manifests.Files(), f => Assert.NotEmpty(Manifests.Read(Repository.Read(f))));

    [Theory]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {prots: []}")]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {type: a, type: b}")]
    public void A_field_that_Kubernetes_does_not_know_is_found(string yaml) =>
        Assert.ThrowsAny<Exception>(() => Manifests.Read(yaml));

    [KustomizeTheory]
    [MemberData(nameof(Overlays))]
    public async Task Every_overlay_gives_only_fields_that_Kubernetes_knows(string overlay) =>
        Assert.NotEmpty(await Manifests.BuildAsync(overlay));

    [KustomizeTheory]
    [MemberData(nameof(Overlays))]
    public async Task Every_overlay_refers_only_to_what_it_holds(string overlay)
    {
        List<object> all = await Manifests.BuildAsync(overlay);
        V1PodTemplateSpec[] pods =
        [
            .. all.OfType<V1Deployment>().Select(d => d.Spec.Template),
            .. all.OfType<V1StatefulSet>().Select(d => d.Spec.Template),
            .. all.OfType<V1Job>().Select(d => d.Spec.Template),
        ];
        Assert.All(all.Cast<IKubernetesObject<V1ObjectMeta>>().Where(o => o is not V1Namespace), o =>
            Assert.Equal("elasticity", o.Metadata.NamespaceProperty));
        Assert.All(all.OfType<V1Service>().Select(s => s.Spec.Selector), Chooses);
        Assert.All(all.OfType<V1PodDisruptionBudget>().Select(s => s.Spec.Selector.MatchLabels), Chooses);
        Assert.All(all.OfType<V1NetworkPolicy>().Select(s => s.Spec.PodSelector.MatchLabels), Chooses);
        Assert.All(
            all.OfType<V2HorizontalPodAutoscaler>().Select(h => h.Spec.ScaleTargetRef.Name),
            name => Assert.Contains(all.OfType<V1Deployment>(), d => d.Metadata.Name == name));
        Assert.All(pods.Select(p => p.Spec.ServiceAccountName).OfType<string>(), name =>
            Assert.Contains(all.OfType<V1ServiceAccount>(), a => a.Metadata.Name == name));
        Assert.All(Containers(pods).SelectMany(c => c.EnvFrom ?? []), e =>
            Assert.Contains(all.OfType<V1ConfigMap>(), m => m.Metadata.Name == e.ConfigMapRef.Name));

        void Chooses(IDictionary<string, string> labels) => Assert.Contains(
            pods, p => labels.All(l => p.Metadata.Labels.TryGetValue(l.Key, out string? value) && value == l.Value));
    }

    [KustomizeTheory]
    [MemberData(nameof(Overlays))]
    public async Task Every_container_is_fenced_in(string overlay)
    {
        List<object> all = await Manifests.BuildAsync(overlay);
        V1PodSpec[] pods =
        [
            .. all.OfType<V1Deployment>().Select(d => d.Spec.Template.Spec),
            .. all.OfType<V1StatefulSet>().Select(d => d.Spec.Template.Spec),
            .. all.OfType<V1Job>().Select(d => d.Spec.Template.Spec),
        ];
        Assert.NotEmpty(pods);
        Assert.All(pods, p =>
        {
            Assert.False(p.AutomountServiceAccountToken);
            Assert.False(p.EnableServiceLinks);
            Assert.True(p.SecurityContext.RunAsNonRoot);
            Assert.Equal("RuntimeDefault", p.SecurityContext.SeccompProfile.Type);
            Assert.All(p.Containers, c =>
            {
                Assert.True(c.SecurityContext.ReadOnlyRootFilesystem);
                Assert.False(c.SecurityContext.AllowPrivilegeEscalation);
                Assert.Equal(["ALL"], c.SecurityContext.Capabilities.Drop);
                Assert.Equal(["cpu", "memory"], c.Resources.Requests.Keys.Order(StringComparer.Ordinal));
                Assert.Equal(["cpu", "memory"], c.Resources.Limits.Keys.Order(StringComparer.Ordinal));
            });
        });
    }

    [Fact]
    public void The_silo_accepts_what_the_manifests_say()
    {
        SiloOptions options = OptionsOf(Silo());

        Assert.Equal("postgresql", options.EffectiveClustering.Name);
        Assert.False(options.Listen.IsLoopback);
        Assert.Equal("10.1.2.3", options.Address);
    }

    [Fact]
    public void The_job_accepts_what_the_manifests_say()
    {
        V1Container migrate = Manifests.Find<V1Job>("elasticity-migrate").Spec.Template.Spec.Containers.Single();

        Assert.Equal(["migrate"], migrate.Args);
        Assert.NotNull(SiloConfiguration.Read([], Environment(migrate)).PostgreSql);
    }

    [Fact]
    public void Ports_are_those_of_the_options()
    {
        SiloOptions options = OptionsOf(Silo());
        Dictionary<string, int> ports = Silo().Ports.ToDictionary(p => p.Name, p => p.ContainerPort);

        Assert.Equal(
            new Dictionary<string, int>
            {
                ["http"] = options.Listen.Port,
                ["silo"] = options.SiloPort,
                ["gateway"] = options.GatewayPort,
            },
            ports);
        string[] targets =
        [
            .. Manifests.Find<V1Service>("elasticity").Spec.Ports.Select(p => p.TargetPort.Value),
            .. Manifests.Find<V1Service>("elasticity-silos").Spec.Ports.Select(p => p.TargetPort.Value),
        ];
        Assert.All(targets, t => Assert.Contains(t, ports.Keys));
        V1NetworkPolicy policy = Manifests.Find<V1NetworkPolicy>("elasticity-silo");
        Assert.All(
            policy.Spec.Ingress.SelectMany(i => i.Ports).Select(p => p.Port.Value),
            p => Assert.Contains(p, ports.Keys));
        Assert.Equal(
            [$"{options.SiloPort}", $"{options.GatewayPort}"],
            policy.Spec.Egress.SelectMany(i => i.Ports).Select(p => p.Port.Value));
    }

    [Fact]
    public void Whoever_may_call_a_gateway_may_ask_the_local_database_where_it_is()
    {
        string[] callers = PeersAt("elasticity-silo", "gateway");
        string[] readers = PeersAt("postgresql", "5432");

        Assert.Contains("elasticity/cluster-client=true", callers);
        Assert.All(callers.Where(c => !IsOfSilos(c)), c => Assert.Contains(c, readers));
        Assert.Contains(readers, IsOfSilos);

        static bool IsOfSilos(string labels) =>
            labels.Contains("app.kubernetes.io/name=elasticity", StringComparison.Ordinal);
    }

    [Fact]
    public void Probes_ask_for_paths_that_are_there()
    {
        V1Container silo = Silo();

        Assert.All([silo.StartupProbe, silo.LivenessProbe, silo.ReadinessProbe], p =>
        {
            Assert.Contains(p.HttpGet.Path, Probes);
            Assert.Equal("http", p.HttpGet.Port.Value);
        });
        Assert.Equal(Routes.Readyz, silo.ReadinessProbe.HttpGet.Path);
        Assert.Equal(Routes.Healthz, silo.LivenessProbe.HttpGet.Path);
        Assert.True(
            silo.ReadinessProbe.TimeoutSeconds > new Api.ApiOptions().ReadyTimeout.TotalSeconds,
            "The silo says why it is not ready only after ReadyTimeout.");
    }

    [Fact]
    public void A_pod_is_given_longer_to_end_than_the_silo_takes() =>
        Assert.True(
            Manifests.Find<V1Deployment>("elasticity-silo").Spec.Template.Spec.TerminationGracePeriodSeconds
                > OptionsOf(Silo()).StopTimeout.TotalSeconds);

    [Fact]
    public void Files_that_options_name_are_in_a_volume()
    {
        string keys = OptionsOf(Silo()).KeysFile!;

        Assert.Contains(Silo().VolumeMounts, m => keys.StartsWith(m.MountPath + "/", StringComparison.Ordinal));
    }

    [Fact]
    public void Secrets_are_only_referred_to()
    {
        Assert.DoesNotContain(
            Manifests.Files().SelectMany(f => Manifests.Read(Repository.Read(f))), o => o is V1Secret);
        Assert.All(Manifests.Files(), f =>
            Assert.DoesNotMatch(SecretValue(), Repository.Read(f)));
    }

    [Fact]
    public void The_image_ends_as_the_manifests_expect_it()
    {
        string dockerfile = Repository.Read("deploy/Dockerfile");
        string last = dockerfile[dockerfile.LastIndexOf("\nFROM ", StringComparison.Ordinal)..];
        V1PodSpec pod = Manifests.Find<V1Deployment>("elasticity-silo").Spec.Template.Spec;

        Assert.Contains($"\nUSER {pod.SecurityContext.RunAsUser}\n", last, StringComparison.Ordinal);
        Assert.Equal(
            Silo().Ports.Select(p => $"{p.ContainerPort}"),
            Expose().Match(last).Groups[1].Value.Split(' '));
        Assert.Contains("\nENTRYPOINT [\"/app/silo\"]\n", last, StringComparison.Ordinal);
        Assert.Contains("-getProperty:AssemblyName) /app/silo\n", dockerfile, StringComparison.Ordinal);
        Assert.DoesNotContain("\nRUN ", last, StringComparison.Ordinal);
    }

    /// <summary>The labels of the pods that a policy lets in at a port.</summary>
    private static string[] PeersAt(string policy, string port) =>
    [
        .. from rule in Manifests.Find<V1NetworkPolicy>(policy).Spec.Ingress
           where rule.Ports.Any(p => p.Port.Value == port)
           from peer in rule.FromProperty
           where peer.PodSelector is not null
           select string.Join(',', peer.PodSelector.MatchLabels.Select(l => $"{l.Key}={l.Value}")),
    ];

    private static V1Container Silo() =>
        Manifests.Find<V1Deployment>("elasticity-silo").Spec.Template.Spec.Containers.Single();

    private static SiloOptions OptionsOf(V1Container container) => SiloConfiguration.Read([], Environment(container));

    /// <summary>What the container's process would see, with something in place of what only a cluster knows.</summary>
    private static Hashtable Environment(V1Container container)
    {
        Hashtable environment = [];
        foreach (V1EnvFromSource source in container.EnvFrom ?? [])
        {
            foreach ((string name, string value) in Manifests.Find<V1ConfigMap>(source.ConfigMapRef.Name).Data)
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

        return environment;
    }

    private static IEnumerable<V1Container> Containers(IEnumerable<V1PodTemplateSpec> pods) =>
        pods.SelectMany(p => p.Spec.Containers);

    [GeneratedRegex("(?i)password *[:=] *[^\\s]|Host=")]
    private static partial Regex SecretValue();

    [GeneratedRegex(@"(?m)^EXPOSE (.+)$")]
    private static partial Regex Expose();
}
