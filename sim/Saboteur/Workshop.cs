using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Elasticity.Saboteur;

/// <summary>A copy of the code in which faults are built and tried, one after the other.</summary>
internal sealed partial class Workshop : IDisposable
{
    private static readonly string[] Copied =
    [
        "src", "sim/Simulator", "docs/reference", "Directory.Build.props", "Directory.Packages.props", "global.json",
        ".editorconfig",
    ];

    private const string Kept = ".kept";
    private const string Simulator = "sim/Simulator";

    private readonly string _root = Directory.CreateTempSubdirectory("elasticity-sabotage-").FullName;

    public Workshop(string repository)
    {
        foreach (string path in Copied)
        {
            Copy(Path.Combine(repository, path), Path.Combine(_root, path));
        }
    }

    /// <summary>Builds the code as it is.</summary>
    /// <exception cref="InvalidOperationException">It does not build.</exception>
    public void Build()
    {
        Build("the code as it is", Simulator);
        Copy(OutputOf(Simulator), Clean);
        Copy(Clean, Tried);
    }

    /// <summary>Builds what a fault changed, and nothing else: no fault changes what others are compiled
    /// against.</summary>
    /// <exception cref="InvalidOperationException">It does not build.</exception>
    public void Build(Sabotage fault)
    {
        Directory.Delete(Tried, recursive: true);
        Copy(Clean, Tried);
        foreach (string project in fault.Edits.Select(e => ProjectOf(e.File)).Distinct())
        {
            Build(fault.Name, project, "--no-restore", "--no-dependencies");
            string program = $"Elasticity.{Path.GetFileName(project)}.dll";
            File.Copy(Path.Combine(OutputOf(project), program), Path.Combine(Tried, program), overwrite: true);
        }
    }

    /// <summary>Tries seed after seed, with the fault that was built last.</summary>
    /// <returns>How many seeds it took and which promise was broken; null when all of them passed.</returns>
    public (int Seeds, string Rule)? Try(ulong first, int seeds, string engine) => Try(Tried, first, seeds, engine);

    /// <summary>Whether the code as it is passes a seed.</summary>
    public bool Passes(ulong seed, string engine) => Try(Clean, seed, 1, engine) is null;

    private (int Seeds, string Rule)? Try(string build, ulong first, int seeds, string engine)
    {
        string program = Path.Combine(build, "Elasticity.Simulator.dll");
        CultureInfo c = CultureInfo.InvariantCulture;
        (_, string output) = Run(
            program, "--first", first.ToString(c), "--seeds", seeds.ToString(c), "--trace", "1", "--unshrunk",
            "--engine", engine, "--pace", "minutes");
        Match failed = Failed().Match(output);
        return failed.Success
            ? (
                (int)(ulong.Parse(failed.Groups[1].Value, c) - first) + 1,
                failed.Groups[2].Success ? failed.Groups[2].Value : "an exception")
            : output.Contains(" seeds in ", StringComparison.Ordinal)
            ? null
            : throw new InvalidOperationException($"The simulator did not come to an end:\n{output}");
    }

    /// <summary>Puts a fault in.</summary>
    /// <exception cref="InvalidOperationException">The code is no longer what the fault knows.</exception>
    public void Apply(Sabotage fault)
    {
        foreach (IGrouping<string, Edit> edits in fault.Edits.GroupBy(e => e.File))
        {
            string path = Path.Combine(_root, edits.Key);
            string text = File.ReadAllText(path);
            File.WriteAllText(path + Kept, text);
            foreach (Edit edit in edits)
            {
                text = edit.Change(text) ?? throw new InvalidOperationException(
                    $"{fault.Name}: not exactly once in {edit.File}: {edit.Old}");
            }

            File.WriteAllText(path, text);
        }
    }

    /// <summary>Takes it out again.</summary>
    public void Undo(Sabotage fault)
    {
        foreach (string file in fault.Edits.Select(e => e.File).Distinct())
        {
            string path = Path.Combine(_root, file);
            File.Move(path + Kept, path, overwrite: true);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow); // Or the build takes it for the old one.
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>The simulator as it is built from the code as it is.</summary>
    private string Clean => Path.Combine(_root, "clean");

    /// <summary>The simulator that is tried.</summary>
    private string Tried => Path.Combine(_root, "tried");

    private string OutputOf(string project) =>
        Path.Combine(_root, $"artifacts/bin/Elasticity.{Path.GetFileName(project)}/release");

    /// <summary>Projects lie two folders deep.</summary>
    private static string ProjectOf(string file) => string.Join('/', file.Split('/').Take(2));

    private void Build(string what, string project, params string[] more)
    {
        (int exitCode, string output) = Run(
            [
                "build", project, "-c", "Release", "-v", "q", "--nologo", "-p:RunAnalyzers=false",
                "-p:EnforceCodeStyleInBuild=false", "-p:TreatWarningsAsErrors=false",
                "-p:GenerateDocumentationFile=false", .. more,
            ]);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"{what} does not build:\n{output}");
        }
    }

    private (int ExitCode, string Output) Run(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments)
        {
            WorkingDirectory = _root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static void Copy(string from, string to)
    {
        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(from, to);
            return;
        }

        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string place = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place);
        }
    }

    [GeneratedRegex(@"^SEED (\d+) FAILED: ([a-z]+(?:-[a-z]+)+(?=:))?", RegexOptions.Multiline)]
    private static partial Regex Failed();
}
