using Agora.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace Agora.Journal.Tests.Sqlite;

/// <summary>A database in a directory of its own, gone with the test; its schema has one more table, as the product's has.</summary>
public sealed class SqliteFile : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agora-journal-").FullName;

    public string Path => System.IO.Path.Combine(_directory, "agora.db");

    public static IReadOnlyList<Migration> Schema { get; } = WithSamples(Migrations.Of("sqlite"));

    public SqliteOptions Options(TimeProvider? time = null) => new() { Path = Path, Time = time ?? TimeProvider.System, Migrations = Schema };

    /// <summary>Another program's connection.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        return connection;
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static IReadOnlyList<Migration> WithSamples(IReadOnlyList<Migration> own) =>
    [
        .. own,
        new Migration(own.Count + 1, "samples", "CREATE TABLE sample_runs (tenant TEXT NOT NULL, id TEXT NOT NULL, state TEXT, amount INTEGER, stream TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (tenant, id));"),
    ];
}
