using System.Globalization;
using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>
/// Who may write to a database: any number of processes that share it (a cluster's silos), or one that is alone (<c>rebuild</c>).
/// The journal stays right without it (<c>one_writer</c>); what processes hold in memory and show would not.
/// <para>It is an advisory lock of PostgreSQL, shared or exclusive, held by an open transaction that does nothing else, so that it works
/// through a pooler too: the transaction has neither a snapshot nor a number, hence holds back no vacuum and no checkpoint. It ends with its
/// connection, so nothing is left of a process that died. Where the connection alone was lost, it is taken again within <see cref="CheckEvery"/>; if
/// another process has come in between, <see cref="Lost"/> says so, and the one that was away has to end.</para>
/// </summary>
public sealed class PostgresOwnership : IAsyncDisposable
{
    /// <summary>Often enough that a connection without traffic is not dropped on the way.</summary>
    public static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(5);

    /// <summary>The server may take a moment to see that a process has died.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const string Application = "agora owner";
    private const long LockKey = 0x61676f7261_01; // "agora", and the migrator's key is without the last byte

    private readonly NpgsqlDataSource _source;
    private readonly bool _alone;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NpgsqlConnection? _held;
    private Task _checking = Task.CompletedTask;

    private PostgresOwnership(NpgsqlDataSource source, bool alone, TimeProvider time, TimeSpan patience) =>
        (_source, _alone, _time, _patience) = (source, alone, time, patience);

    /// <summary>Completes when another process has taken the database while this one had no connection.</summary>
    public Task Lost => _lost.Task;

    /// <exception cref="JournalRefusedException">One line for the operator: others are there, or nobody answers.</exception>
    public static async Task<PostgresOwnership> Take(PostgresOptions options, bool alone, TimeProvider time, TimeSpan? patience = null)
    {
        var source = PostgresConnections.Source(options, Application, most: 1);
        var ownership = new PostgresOwnership(source, alone, time, patience ?? Patience);
        try
        {
            ownership._held = await ownership.Hold(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or JournalUnavailableException)
        {
            await source.DisposeAsync();
            throw new JournalRefusedException(IsTaken(e) ? ownership.Taken() : $"The journal {PostgresConnections.NameOf(source)} cannot be opened: {e.Message}", e);
        }

        ownership._checking = ownership.CheckAgainAndAgain();
        return ownership;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.TellAsync();
        await _checking;
        try
        {
            await (_held?.DisposeAsync() ?? default);
        }
        catch (NpgsqlException)
        {
            // It ended since the last look, and the lock with it.
        }

        await _source.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>One look: the lock stands, was taken again, is taken by others, or nobody answers and the next look tries again.</summary>
    public async Task Check(CancellationToken cancel)
    {
        try
        {
            if (_held is not null)
            {
                await Execute(_held, "SELECT 1", cancel);
                return;
            }

            _held = await Hold(cancel);
        }
        catch (Exception e) when (e is NpgsqlException or JournalUnavailableException or InvalidOperationException)
        {
            if (_held is not null)
            {
                await _held.DisposeAsync();
            }

            _held = null;
            if (IsTaken(e))
            {
                _lost.TrySetResult();
            }
        }
    }

    private async Task CheckAgainAndAgain()
    {
        try
        {
            using var timer = new PeriodicTimer(CheckEvery, _time);
            while (await timer.WaitForNextTickAsync(_stop.Token)) await Check(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            // It is given back.
        }
    }

    private async Task<NpgsqlConnection> Hold(CancellationToken cancel)
    {
        var connection = await PostgresConnections.Open(_source, cancel);
        try
        {
            await Execute(connection, "BEGIN ISOLATION LEVEL READ COMMITTED", cancel);
            await Execute(connection, $"SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '{((int)_patience.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)}ms'", cancel);
            await Execute(connection, $"SELECT pg_advisory_xact_lock{(_alone ? "" : "_shared")}({LockKey})", cancel);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private string Taken() => _alone
        ? $"The journal {PostgresConnections.NameOf(_source)} is in use: another server, or rebuild, runs on it."
        : $"The journal {PostgresConnections.NameOf(_source)} is in use by a process that has to be alone: a server of one machine, or rebuild.";

    private static bool IsTaken(Exception e) => e is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
