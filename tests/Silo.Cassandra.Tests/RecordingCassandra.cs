using System.Reflection;
using Cassandra;

namespace Elasticity.Silo.Cassandra.Tests;

/// <summary>In place of the driver: keeps what it is told, and answers that there are no rows.</summary>
public sealed class RecordingCassandra
{
    /// <summary>What was told, each as <c>keyspace: statement</c>, white space made one.</summary>
    public IList<string> Statements { get; } = [];

    /// <summary>What connecting fails with; null: it does not.</summary>
    public Exception? Fails { get; set; }

    public static (ICluster Cluster, RecordingCassandra Heard) Create()
    {
        RecordingCassandra heard = new();
        ICluster cluster = DispatchProxy.Create<ICluster, Proxy>();
        ((Proxy)(object)cluster).Answer = (method, arguments) => method.Name == nameof(ICluster.ConnectAsync)
            ? heard.Connect((string?)arguments.FirstOrDefault() ?? string.Empty)
            : throw new NotSupportedException(method.Name);
        return (cluster, heard);
    }

    private Task<ISession> Connect(string keyspace)
    {
        if (Fails is not null)
        {
            return Task.FromException<ISession>(Fails);
        }

        ISession session = DispatchProxy.Create<ISession, Proxy>();
        ((Proxy)(object)session).Answer = (method, arguments) => method.Name switch
        {
            "get_Keyspace" => keyspace,
            nameof(ISession.ExecuteAsync) => Keep(keyspace, (SimpleStatement)arguments[0]!),
            _ => throw new NotSupportedException(method.Name),
        };
        return Task.FromResult(session);
    }

    private Task<RowSet> Keep(string keyspace, SimpleStatement statement)
    {
        Statements.Add($"{keyspace}: {string.Join(' ', statement.QueryString.Split(
            (char[]?)null, StringSplitOptions.RemoveEmptyEntries))}");
        return Task.FromResult(new RowSet());
    }

    /// <summary>Public and not sealed, because proxies derive from it in an assembly of their own.</summary>
    public class Proxy : DispatchProxy
    {
        public Func<MethodInfo, object?[], object?> Answer { get; set; } = (_, _) => null;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            Answer(targetMethod!, args ?? []);
    }
}
