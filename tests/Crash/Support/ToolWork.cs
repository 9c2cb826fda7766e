using System.Collections.Concurrent;

namespace Agora.Crash.Support;

/// <summary>
/// Agents that use a tool while the server comes and goes: every second run over HTTP under a key, which is sent again until it has an outcome, the others at /mcp, where a model says the same again
/// until it is done.
/// </summary>
internal sealed class ToolWork(ApiClient api, IReadOnlyList<OpenSession> agents)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private volatile TaskCompletionSource _up = new();
    private int _begun;

    public ConcurrentQueue<(int Number, string RunId)> Done { get; } = new();

    /// <summary>Runs under a key that were under way when the server died: they cost nothing, and their key says so.</summary>
    public ConcurrentQueue<int> Voided { get; } = new();

    /// <summary>Replies that nobody should ever get; empty when all is well.</summary>
    public ConcurrentQueue<string> Unexpected { get; } = new();

    /// <summary>Agents wait instead of knocking at a port that nobody listens on.</summary>
    public void ServerDown() => _up = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void ServerUp() => _up.TrySetResult();

    /// <summary>Ends when each agent has so many outcomes more.</summary>
    public Task Do(int runsOfEach)
    {
        ServerUp();
        return Task.WhenAll(agents.Select(agent => Task.Run(async () =>
        {
            for (var i = 0; i < runsOfEach; i++)
            {
                var number = Interlocked.Increment(ref _begun);
                for (var wasLost = false; !await Ends(agent, number, wasLost); wasLost = true)
                {
                    await Task.Delay(Pause);
                }
            }
        })));
    }

    private async Task<bool> Ends(OpenSession agent, int number, bool wasLost)
    {
        await _up.Task;
        var byModel = number % 2 == 0;
        try
        {
            var reply = byModel ? await ToolMarket.Call(api, agent, "add", number) : await ToolMarket.Run(api, agent, "add", number, $"key-{number}");
            switch (reply.Json.TryGetProperty("error", out _) ? reply.Code : null)
            {
                case null when reply.Data.GetProperty("state").GetString() == "succeeded":
                    Done.Enqueue((number, reply.Data.GetProperty("run_id").GetString()!));
                    return true;
                case "unavailable":
                    return false;
                case "upstream_timeout" when wasLost:
                    if (byModel) return false; // what failed is tried anew

                    Voided.Enqueue(number);
                    return true;
                default:
                    Unexpected.Enqueue($"run {number}: {reply.Status} {reply.Json}");
                    return true;
            }
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
