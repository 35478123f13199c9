using System.Diagnostics;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace Elasticity.Silo.Tests;

/// <summary>What <c>deploy/kubernetes</c> gives, read by the models of the Kubernetes client: a field that they do not
/// know, or that is there twice, is an error.</summary>
internal static class Manifests
{
    private const string Folder = "deploy/kubernetes";

    /// <summary>The kustomizations that somebody applies, and one that is only a part.</summary>
    public static readonly string[] Overlays = ["overlays/local", "overlays/production", "overlays/cassandra", "base"];

    /// <summary>Every file that is applied, as it stands.</summary>
    public static string[] Files() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, Folder), "*.yaml", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) != "kustomization.yaml")
            .Select(f => Path.GetRelativePath(Repository.Root, f)),
    ];

    /// <summary>The objects in a text.</summary>
    public static List<object> Read(string yaml) => KubernetesYaml.LoadAllFromString(yaml, null, strict: true);

    /// <summary>The objects in all files, before any overlay changes them.</summary>
    public static T Find<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> =>
        Files().SelectMany(f => Read(Repository.Read(f))).OfType<T>().Single(o => o.Metadata.Name == name);

    /// <summary>What an overlay gives.</summary>
    public static async Task<List<object>> BuildAsync(string overlay) =>
        Read((await KubectlAsync("kustomize", Path.Combine(Repository.Root, Folder, overlay)))!);

    private static readonly Version PatchesSince = new(1, 21);

    /// <summary>Whether there is a kubectl whose kustomize knows <c>patches</c> and components: 1.21 or
    /// later.</summary>
    public static bool HasKustomize()
    {
        if (KubectlAsync("version", "--client", "--output=json").GetAwaiter().GetResult() is not { } answer)
        {
            return false;
        }

        using JsonDocument version = JsonDocument.Parse(answer);
        string name = version.RootElement.GetProperty("clientVersion").GetProperty("gitVersion").GetString()!;
        return Version.Parse(name.TrimStart('v').Split('+', '-')[0]) >= PatchesSince;
    }

    private static async Task<string?> KubectlAsync(params string[] arguments)
    {
        try
        {
            using Process kubectl = Process.Start(
                new ProcessStartInfo("kubectl", arguments) { RedirectStandardOutput = true })!;
            string output = await kubectl.StandardOutput.ReadToEndAsync();
            await kubectl.WaitForExitAsync();
            return kubectl.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
