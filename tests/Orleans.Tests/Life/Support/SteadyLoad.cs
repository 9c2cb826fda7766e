using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Agora.Crash.Support;

namespace Agora.Orleans.Tests.Life.Support;

/// <summary>One run, however often it has to be asked for: always with the same key, until it has an outcome.</summary>
internal sealed record KeyedRun(string Key, OpenSession Session, long BegunAt)
{
    public string Body { get; } = Market.Input(Key);

    /// <summary>The id that the reply of 200 named; null: it was voided.</summary>
    public string? Acknowledged { get; set; }

    public long EndedAt { get; set; }
}

/// <summary>
/// One agent a session, each asking once a second at most and never twice at once, at one silo after the other: so the load stays the same whatever
/// happens, and every session's, every user's and the campaign's grain is asked all the time. As a load balancer would, an agent goes on to the next silo
/// at once where nobody listens.
/// </summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    /// <summary>Among <see cref="Answers"/>: the agent gave up waiting for one.</summary>
    public const string Silent = "no answer in time";

    /// <summary>What agents may receive while silos are stopped in order; and an agent waits 4 s for an answer.</summary>
    private static readonly string[] Retryable = ["200", "202", "503 unavailable", "409 idempotency_in_flight", Silent];

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RequestPatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(75);
    private static int _keys;
    private readonly List<ApiClient> _silos;
    private readonly ConcurrentQueue<KeyedRun> _ended = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly ConcurrentDictionary<string, int> _said = new();
    private readonly ConcurrentDictionary<string, long> _lastBegun = new();
    private readonly ConcurrentQueue<string> _unexpected = new();
    private readonly ConcurrentQueue<string> _broken = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _end = new();
    private readonly IReadOnlyList<OpenSession> _sessions;
    private readonly Task _agents;

    public SteadyLoad(IEnumerable<Uri> silos, IReadOnlyList<OpenSession> sessions, TimeSpan? patience = null)
    {
        _silos = [.. silos.Select(address => new ApiClient(address, patience ?? RequestPatience))];
        _sessions = sessions;
        _agents = Task.WhenAll(sessions.Select((session, n) => Task.Run(() => Agent(session, n))));
    }

    public IReadOnlyCollection<KeyedRun> Ended => _ended;

    public IEnumerable<KeyedRun> Acknowledged => _ended.Where(r => r.Acknowledged is not null);

    /// <summary>How often an answer, or the lack of one, was had: <c>200</c>, <c>503 unavailable</c>, <c>timed out</c> and so on.</summary>
    public IReadOnlyDictionary<string, int> Answers => _answers;

    /// <summary>What nobody should ever be told; empty when all is well.</summary>
    public IReadOnlyCollection<string> Unexpected => _unexpected;

    /// <summary>The longest that any run took from the first time it was asked for.</summary>
    public TimeSpan Longest => _ended.Select(r => Stopwatch.GetElapsedTime(r.BegunAt, r.EndedAt)).DefaultIfEmpty().Max();

    /// <summary>When every session has had a run acknowledged that was first asked for after the moment; how long that took.</summary>
    public async Task<TimeSpan> EverySessionAnswers(long since) => (await SessionsAnswer(since)).All;

    /// <summary>The same, and how long it took until nine of ten had.</summary>
    public async Task<(TimeSpan NineOfTen, TimeSpan All)> SessionsAnswer(long since)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (_sessions.Any(s => _lastBegun.GetValueOrDefault(s.Id) < since))
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, $"{_sessions.Count(s => _lastBegun.GetValueOrDefault(s.Id) < since)} sessions do not answer: {this}. Refusals: {string.Join("; ", _said.Select(s => $"{s.Value} × {s.Key}"))}");
            await timer.WaitForNextTickAsync();
        }

        var answered = _sessions.Select(s => _ended.Where(r => r.Session == s && r.BegunAt >= since && r.Acknowledged is not null).Min(r => r.EndedAt)).Order().ToList();
        return (Stopwatch.GetElapsedTime(since, answered[(int)Math.Ceiling(answered.Count * 0.9) - 1]), Stopwatch.GetElapsedTime(since, answered[^1]));
    }

    /// <summary>False: its scenario failed before it stopped the load.</summary>
    public bool IsOver => _agents.IsCompleted;

    /// <summary>Nothing new is asked for; ends when all that was has its outcome, and fails if an agent received what no agent should.</summary>
    public async Task Stop()
    {
        await End();
        Assert.True(_unexpected.IsEmpty, string.Join('\n', _unexpected.Take(10)));
    }

    /// <summary>As <see cref="Stop"/>, whatever agents received.</summary>
    public async Task End()
    {
        await _stop.CancelAsync();
        await _agents.WaitAsync(Patience);
    }

    /// <summary>Fails if an agent received anything that is not <see cref="Retryable"/>, and says when and where connections broke.</summary>
    public void AssertOnlyRetryable() => Assert.True(_answers.Keys.All(Retryable.Contains), $"{this}\n{string.Join('\n', _broken)}");

    public override string ToString() => string.Join(", ", _answers.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{Market.Of(a.Value)} × {a.Key}"));

    /// <summary>Ends it with what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _end.CancelAsync();
        await _agents;
        _silos.ForEach(silo => silo.Dispose());
    }

    private async Task Agent(OpenSession session, int number)
    {
        using var pace = new PeriodicTimer(Pace);
        await Task.Delay(Pace * number / _sessions.Count);
        for (var turn = number; !_stop.IsCancellationRequested;)
        {
            var run = new KeyedRun($"key-{Interlocked.Increment(ref _keys).ToString(CultureInfo.InvariantCulture)}", session, Stopwatch.GetTimestamp());
            while (!await Ask(run, turn))
            {
                if (_end.IsCancellationRequested) return;

                turn++;
                await pace.WaitForNextTickAsync();
            }

            run.EndedAt = Stopwatch.GetTimestamp();
            _ended.Enqueue(run);
            if (run.Acknowledged is not null)
            {
                _lastBegun[session.Id] = run.BegunAt;
            }

            turn++;
            await pace.WaitForNextTickAsync();
        }
    }

    /// <returns>Whether it has an outcome.</returns>
    private async Task<bool> Ask(KeyedRun run, int turn)
    {
        for (var silo = turn; silo < turn + _silos.Count; silo++)
        {
            try
            {
                return Take(run, await _silos[silo % _silos.Count].Post(Market.RunRoute, run.Session.Token, run.Body, run.Key));
            }
            catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
            {
                // Nothing was sent.
            }
            catch (HttpRequestException e)
            {
                _broken.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} at silo {Market.Of((silo % _silos.Count) + 1)}: {e.InnerException?.Message ?? e.Message}");
                return Count("connection broken");
            }
            catch (TaskCanceledException)
            {
                return Count(Silent);
            }
        }

        return Count("nobody listens");
    }

    private bool Take(KeyedRun run, Received reply)
    {
        Count(reply.Status is 200 or 202 ? Market.Of(reply.Status) : $"{Market.Of(reply.Status)} {reply.Code}");
        if (reply.Status is not (200 or 202))
        {
            _said.AddOrUpdate(reply.Json.GetProperty("error").GetProperty("message").GetString()!, 1, (_, seen) => seen + 1);
        }

        switch (reply)
        {
            case { Status: 200 }:
                run.Acknowledged = reply.Data.GetProperty("run_id").GetString();
                return true;
            case { Status: 202 }:
            case { Status: 503, Code: "unavailable", RetryAfter: not null }:
            case { Status: 409, Code: "idempotency_in_flight" }:
                return false;
            case { Status: 504 }:
                return true; // The one who had it was gone, so it was voided; a repeat says so.
            default:
                _unexpected.Enqueue($"{run.Key}: {reply.Status} {reply.Json}");
                return true;
        }
    }

    private bool Count(string answer)
    {
        _answers.AddOrUpdate(answer, 1, (_, seen) => seen + 1);
        return false;
    }
}
