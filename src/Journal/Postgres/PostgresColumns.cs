using Npgsql;
using NpgsqlTypes;

namespace Agora.Journal.Postgres;

/// <summary>Parameters of set-based statements: an array a column, which the server unnests into rows.</summary>
internal static class PostgresColumns
{
    private const char Nul = '\0';
    private const char Replacement = '\uFFFD';

    public static NpgsqlParameter Text(string?[] values) => new NpgsqlParameter<string?[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    /// <summary>Null for none.</summary>
    public static NpgsqlParameter TextOrNull(string[] values) =>
        new NpgsqlParameter { Value = values.Length == 0 ? DBNull.Value : values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    public static NpgsqlParameter Numbers(long[] values) => new NpgsqlParameter<long[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };

    public static NpgsqlParameter Numbers(long?[] values) => new NpgsqlParameter<long?[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };

    public static NpgsqlParameter Ids(Guid[] values) => new NpgsqlParameter<Guid[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid };

    public static NpgsqlParameter Bytes(ReadOnlyMemory<byte>[] values) => new NpgsqlParameter<ReadOnlyMemory<byte>[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };

    public static NpgsqlParameter Text(string? value) => new NpgsqlParameter<string?> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter Number(long value) => new NpgsqlParameter<long> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    public static NpgsqlParameter NumberOrNull(int? value) => new NpgsqlParameter { Value = value is { } number ? number : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer };

    public static NpgsqlParameter Bytes(ReadOnlyMemory<byte> value) => new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bytea };

    /// <summary>PostgreSQL's text has no U+0000: in a query table it becomes the replacement character. One client's value must not refuse the batch of all.</summary>
    public static string? Storable(string? text) => text is not null && text.Contains(Nul) ? text.Replace(Nul, Replacement) : text;
}
