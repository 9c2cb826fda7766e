using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>One transaction that only reads, on a connection of its own: all that is asked through it is answered from the state of its first statement, or not at all.</summary>
internal sealed class PostgresMoment(PostgresConnections connections) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1); // A connection answers one at a time.
    private NpgsqlConnection? _connection;
    private bool _lost;

    public async Task<T> Use<T>(Func<NpgsqlConnection, Task<T>> run, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            if (_lost) throw new JournalUnavailableException("what was being read of one moment cannot be read any more");
            _lost = true; // Until it has answered: a transaction that failed answers nothing more.
            var answer = await run(_connection ??= await Begin(cancel));
            _lost = false;
            return answer;
        }
        catch (Exception e) when (PostgresErrors.OfRead(e) is var mapped && mapped != e)
        {
            throw mapped;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        _turn.Dispose();
    }

    // By words, not by a transaction of the driver's: queries that would begin one of their own are told that one stands.
    private async Task<NpgsqlConnection> Begin(CancellationToken cancel)
    {
        var connection = await PostgresConnections.Open(connections.Others, cancel);
        await using var begin = new NpgsqlCommand("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", connection);
        await begin.ExecuteNonQueryAsync(cancel);
        return connection;
    }
}
