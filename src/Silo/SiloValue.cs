using System.Globalization;

namespace Elasticity.Silo;

/// <summary>Values that several options have.</summary>
/// <remarks>All throw <see cref="SiloValueException"/> for what is none.</remarks>
internal static class SiloValue
{
    /// <summary>A TCP port.</summary>
    public static int Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65_535
            ? port
            : throw Wrong("a port from 1 to 65535", text);

    /// <summary>The path of a file, made absolute; whether it is there is seen when it is opened.</summary>
    public static string FileName(string text) =>
        text.Length > 0 ? Path.GetFullPath(text) : throw Wrong("the name of a file", text);

    /// <summary>A switch.</summary>
    public static bool Flag(string text) =>
        bool.TryParse(text, out bool flag) ? flag : throw Wrong("true or false", text);

    /// <summary>What to throw.</summary>
    /// <param name="wanted">What would be right.</param>
    /// <param name="found">What was said; nothing secret.</param>
    public static SiloValueException Wrong(string wanted, string found) => new($"{wanted}, not '{found}'");
}
