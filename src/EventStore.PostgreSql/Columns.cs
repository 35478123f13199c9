using Npgsql;
using NpgsqlTypes;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>Arrays as parameters: PostgreSQL makes rows of them with <c>unnest</c>.</summary>
internal static class Columns
{
    /// <summary>Makes the parameter. It follows the list: fill, execute, clear, fill again.</summary>
    public static NpgsqlParameter Of<T>(List<T> values, NpgsqlDbType elementType) =>
        new NpgsqlParameter<List<T>> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | elementType };
}
