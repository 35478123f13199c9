using System.Diagnostics;
using System.Xml.Linq;

namespace Elasticity.Architecture.Tests;

/// <summary>The files of the repository, with paths relative to its root and forward slashes.</summary>
internal static class Repository
{
    private static readonly string[] SourceFolders = ["src", "tests", "bench", "sim", "samples"];

    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Every project, also one that is in no solution.</summary>
    public static string[] Projects() => [.. SourceFolders.SelectMany(folder => Under(folder, "*.csproj"))];

    /// <summary>Every C# file that a person wrote.</summary>
    public static string[] Sources() => [.. SourceFolders.SelectMany(folder => Under(folder, "*.cs")), "build.cs"];

    /// <summary>The files below a folder, without what a build leaves there; none if there is no such folder.</summary>
    public static IEnumerable<string> Under(string folder, string pattern)
    {
        string start = Path.Combine(Root, folder);
        return Directory.Exists(start)
            ? Directory.EnumerateFiles(start, pattern, SearchOption.AllDirectories).Select(Relative).Where(IsWritten)
            : [];
    }

    public static string[] PackagesOf(string project) => Includes(project, "PackageReference");

    /// <summary>The folders, like <c>src/Domain</c>, of the projects that a project names.</summary>
    public static string[] ProjectsOf(string project) =>
    [
        .. from include in Includes(project, "ProjectReference")
           let target = Path.GetFullPath(Path.Combine(Root, Folder(project), include.Replace('\\', '/')))
           select Folder(Relative(target)),
    ];

    public static bool IsExecutable(string folder) =>
        Under(folder, "*.csproj")
            .Any(p => XDocument.Parse(Read(p)).Descendants("OutputType").Any(o => o.Value != "Library"));

    public static string Folder(string path) => Path.GetDirectoryName(path)!.Replace('\\', '/');

    /// <summary>What git knows; without git, everything that a build did not make.</summary>
    public static string[] TrackedFiles()
    {
        string[] known = Git("ls-files", "--cached", "--others", "--exclude-standard", "-z");
        return known.Length > 0
            ? [.. known.Where(p => File.Exists(Path.Combine(Root, p)))]
            : [.. Under(".", "*").Select(p => p.StartsWith("./", StringComparison.Ordinal) ? p[2..] : p)];
    }

    private static string[] Git(params string[] arguments)
    {
        try
        {
            ProcessStartInfo start = new("git", arguments)
            {
                WorkingDirectory = Root,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using Process git = Process.Start(start)!;
            git.ErrorDataReceived += (_, _) => { };
            git.BeginErrorReadLine();
            string output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? output.Split('\0', StringSplitOptions.RemoveEmptyEntries) : [];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return []; // No git on this machine.
        }
    }

    private static string[] Includes(string project, string element) =>
    [
        .. from e in XDocument.Parse(Read(project)).Descendants()
           where e.Name.LocalName == element && e.Attribute("Include") is not null
           select e.Attribute("Include")!.Value,
    ];

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static bool IsWritten(string path) =>
        !path.Split('/').Any(part => part is "bin" or "obj" or "artifacts" or ".git");

    private static string FindRoot()
    {
        for (string? at = AppContext.BaseDirectory; at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "Elasticity.Orleans.sln")))
            {
                return at;
            }
        }

        throw new InvalidOperationException($"No Elasticity.Orleans.sln above {AppContext.BaseDirectory}.");
    }
}
