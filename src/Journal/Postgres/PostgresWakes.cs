using System.Threading.Channels;
using Agora.Journal.Feed;
using Npgsql;

namespace Agora.Journal.Postgres;

/// <summary>
/// Tells followers in this and in other processes that rows were appended.
/// <para>AfterTheCommit: a NOTIFY within an append would take PostgreSQL's one lock for it from there until its commit is on the disk, so appends
/// of all processes would commit one by one. It is sent when the append has been acknowledged, on a connection of its own: nothing waits for it.</para>
/// <para>Coalesced: one at a time, <see cref="TellEvery"/> apart, with what to wake for; the first after a rest goes at once.</para>
/// <para>Hint: whoever is not told looks within its patience, so what fails here is tried again and reported by nobody: the looks themselves fail
/// when the server is away.</para>
/// Bounds: two connections, each opened when it is first needed. Where nothing can be heard, under a pooler and on a standby, the last position is asked
/// for each <see cref="AskEvery"/>.
/// </summary>
internal sealed class PostgresWakes(PostgresOptions options, FeedSignal signal) : IAsyncDisposable
{
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);
    public static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(10);
    public static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(10);

    private const string Channel = "agora_journal";
    private const int MostTopics = 4_000; // PostgreSQL takes 8,000 bytes.
    private static readonly IReadOnlySet<string> Whatever = new HashSet<string>();
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _source = PostgresConnections.Source(options, "agora feed", most: 2);
    private readonly bool _pooler = PostgresConnections.TryRead(options.ConnectionString)!.Value.Pooler;
    private readonly HashSet<string> _toTell = new(StringComparer.Ordinal);
    private readonly Channel<bool> _isToTell = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _starting = new();
    private int _isDisposed;
    private Task? _telling;
    private Task? _hearing;
    private volatile int _own;

    /// <summary>Of an append that was acknowledged, or may have been written.</summary>
    public void Appended(IReadOnlySet<string> topics)
    {
        signal.Raise(topics);
        lock (_toTell) _toTell.UnionWith(topics);
        _isToTell.Writer.TryWrite(true);
        if (_telling is null)
        {
            Start(ref _telling, Tell);
        }
    }

    /// <summary>From now on the signal is raised for what others append.</summary>
    public void Hear()
    {
        if (_hearing is null)
        {
            Start(ref _hearing, HearOthers);
        }
    }

    /// <summary>More than once, too: a container ends what it knows under several names once for each.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1) return;

        await _stop.TellAsync();
        foreach (var loop in new[] { _telling, _hearing }.OfType<Task>()) await loop;
        await _source.DisposeAsync();
        _stop.Dispose();
    }

    // Away from the caller, who may be a committer's flush on a scheduler of its own.
    private void Start(ref Task? loop, Func<CancellationToken, Task> once)
    {
        lock (_starting) loop ??= Task.Run(() => Again(once));
    }

    private async Task Again(Func<CancellationToken, Task> once)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await once(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or JournalUnavailableException || PostgresErrors.OfRead(e) is JournalUnavailableException)
            {
                await Task.WhenAny(Task.Delay(TryAgain, _stop.Token)); // Ends without a word when it is cancelled.
            }
        }
    }

    private async Task Tell(CancellationToken stop)
    {
        while (true)
        {
            await _isToTell.Reader.ReadAsync(stop);
            string topics;
            lock (_toTell)
            {
                topics = string.Join(' ', _toTell);
                _toTell.Clear();
            }

            await using (var connection = await PostgresConnections.Open(_source, stop))
            {
                _own = connection.ProcessID;
                await using var notify = new NpgsqlCommand("SELECT pg_notify($1, $2)", connection)
                {
                    Parameters = { PostgresColumns.Text(Channel), PostgresColumns.Text(topics.Length <= MostTopics ? topics : "") },
                };
                await notify.ExecuteNonQueryAsync(stop);
            }

            await Task.Delay(TellEvery, stop);
        }
    }

    private async Task HearOthers(CancellationToken stop)
    {
        await using var connection = await PostgresConnections.Open(_source, stop);
        await using var standby = new NpgsqlCommand("SELECT pg_is_in_recovery()", connection);
        if (_pooler || (bool)(await standby.ExecuteScalarAsync(stop))!)
            await Ask(connection, stop);
        else
            await Listen(connection, stop);
    }

    private async Task Listen(NpgsqlConnection connection, CancellationToken stop)
    {
        // What this process appended was raised when it was.
        connection.Notification += (_, notification) =>
        {
            if (notification.PID != _own)
            {
                signal.Raise(notification.Payload.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal));
            }
        };
        await using var listen = new NpgsqlCommand($"LISTEN {Channel}", connection);
        await listen.ExecuteNonQueryAsync(stop);
        signal.Raise(Whatever); // Of what came before nothing was heard.
        while (true) await connection.WaitAsync(stop);
    }

    private async Task Ask(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var last = new NpgsqlCommand("SELECT coalesce(max(tx), 0) FROM journal", connection);
        for (var known = -1L; ; await Task.Delay(AskEvery, stop))
        {
            var now = (long)(await last.ExecuteScalarAsync(stop))!;
            if (now != known)
            {
                signal.Raise(Whatever);
            }

            known = now;
        }
    }
}
