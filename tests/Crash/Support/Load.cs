using System.Collections.Concurrent;

namespace Agora.Crash.Support;

/// <summary>One run that is asked for, and what its agent was told.</summary>
internal sealed record RunRequest(int Number, OpenSession Session, string? Key)
{
    public string Body { get; } = Market.Input($"run {Market.Of(Number)}");

    /// <summary>The reply that said it had succeeded: from then on it must be there, exactly once, for ever.</summary>
    public Received? Acknowledged { get; set; }

    /// <summary>The connection broke, or the server did not decide: nobody knows, and only a key lets an agent ask again.</summary>
    public bool Unknown { get; set; }
}

/// <summary>
/// Agents at work while the server comes and goes. A run without a key whose reply was lost is not sent again; one with a key is,
/// with the same key, until it has an outcome.
/// </summary>
internal sealed class Load(ApiClient api)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentQueue<RunRequest> _waiting = new();
    private readonly ConcurrentQueue<string> _unexpected = new();
    private volatile TaskCompletionSource _up = Done();
    private int _acknowledged;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Replies that nobody should ever get; empty when all is well.</summary>
    public IReadOnlyCollection<string> Unexpected => _unexpected;

    public void Add(IEnumerable<RunRequest> runs)
    {
        foreach (var run in runs)
        {
            _waiting.Enqueue(run);
        }
    }

    /// <summary>Agents wait instead of knocking at a port that nobody listens on.</summary>
    public void ServerDown() => _up = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void ServerUp() => _up.TrySetResult();

    /// <summary>Ends when every run that was added has its reply, or is unknown for good.</summary>
    public Task Work(int agents) => Task.WhenAll(Enumerable.Range(0, agents).Select(_ => Task.Run(Agent)));

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    private async Task Agent()
    {
        while (_waiting.TryDequeue(out var run))
        {
            await _up.Task;
            if (!await Send(run) && run.Key is not null)
            {
                await Task.Delay(Pause);
                _waiting.Enqueue(run);
            }
        }
    }

    /// <returns>Whether it has an outcome.</returns>
    private async Task<bool> Send(RunRequest run)
    {
        try
        {
            var reply = await api.Post(Market.RunRoute, run.Session.Token, run.Body, run.Key);
            switch (reply.Status)
            {
                case 200:
                    run.Acknowledged = reply;
                    Interlocked.Increment(ref _acknowledged);
                    return true;
                case 503:
                    run.Unknown = true;
                    return false;
                case 504 when run is { Unknown: true, Key: not null }:
                    return true; // the restart had voided it, and says so to whoever repeats it
                default:
                    _unexpected.Enqueue($"run {run.Number}: {reply.Status} {reply.Json}");
                    return true;
            }
        }
        catch (HttpRequestException)
        {
            run.Unknown = true;
            return false;
        }
    }
}
