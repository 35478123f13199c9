using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Elasticity.Silo.Cassandra;

/// <summary>Reads the files that options name.</summary>
/// <remarks>All throw <see cref="InvalidOperationException"/>, naming the file, for one that cannot be used.</remarks>
internal static class CassandraFile
{
    /// <summary>The first line, which is not empty.</summary>
    public static string FirstLineOf(string file)
    {
        string? line = Read(file, () => File.ReadLines(file).FirstOrDefault());
        return string.IsNullOrEmpty(line) ? throw new InvalidOperationException($"The file {file} is empty.") : line;
    }

    /// <summary>The certificates of a PEM file, at least one.</summary>
    public static X509Certificate2Collection CertificatesOf(string file)
    {
        X509Certificate2Collection found = Read(file, () =>
        {
            X509Certificate2Collection certificates = [];
            certificates.ImportFromPemFile(file);
            return certificates;
        });
        return found.Count == 0
            ? throw new InvalidOperationException($"The file {file} holds no certificate in PEM.")
            : found;
    }

    private static T Read<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidOperationException($"The file {file} cannot be read: {e.Message}", e);
        }
    }
}
