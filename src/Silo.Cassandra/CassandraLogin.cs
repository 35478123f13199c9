using System.Net;
using Cassandra;

namespace Elasticity.Silo.Cassandra;

/// <summary>Logs in with the password as it is when a connection is made: the driver makes new ones for as long as a
/// silo runs, and meanwhile a password may be changed.</summary>
/// <param name="settings">Who logs in.</param>
internal sealed class CassandraLogin(CassandraSettings settings) : IAuthProvider
{
    /// <inheritdoc/>
    public IAuthenticator NewAuthenticator(IPEndPoint host) =>
        new PlainTextAuthProvider(settings.User, PasswordOf(settings)).NewAuthenticator(host);

    /// <summary>The password of <see cref="CassandraSettings.User"/>, as it is now.</summary>
    /// <exception cref="InvalidOperationException">Its file cannot be read, or is empty.</exception>
    public static string PasswordOf(CassandraSettings settings) =>
        settings.Password ?? CassandraFile.FirstLineOf(settings.PasswordFile!);
}
