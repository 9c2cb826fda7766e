using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Agora.Packaging.FirstMinutes;

/// <summary>What the agent is about to do: a request, or a wait.</summary>
internal sealed record AgentStep(string Method, string Path, string Token, string Key, double WaitsSeconds);

/// <summary>
/// docs/agent.py, the very file, and the world around it: before each request that it sends, and in place of each wait, the test is asked, which may change the world
/// meanwhile. So no second is waited, and what changes between an offer and the request that follows it is no matter of chance.
/// </summary>
internal static class WatchedAgent
{
    /// <summary>The one thing that it does differently: it asks.</summary>
    private const string Watched = """
        import runpy, sys, time, urllib.request
        def ask(*said):
            print(*said, sep="\t", flush=True)
            sys.stdin.readline()
        def wait(seconds):
            if seconds: ask("wait", seconds)
        def send(request, answer=urllib.request.urlopen):
            ask(request.get_method(), request.selector, request.get_header("Authorization").removeprefix("Bearer "), request.get_header("Idempotency-key", ""))
            return answer(request)
        time.sleep, urllib.request.urlopen = wait, send
        sys.argv = sys.argv[1:]
        runpy.run_path(sys.argv[0], run_name="__main__")
        """;

    private const int MostSteps = 60;

    /// <param name="words">What it says of itself, and would say.</param>
    /// <param name="world">Asked before each step.</param>
    /// <returns>What it was told in the end, or, if it gave up, null and why; and its steps.</returns>
    public static async Task<(JsonNode? Told, string Why, IReadOnlyList<AgentStep> Steps)> Walk(string url, string key, JsonObject words, Func<AgentStep, Task> world)
    {
        var start = new ProcessStartInfo("python3", ["-c", Watched, Repository.File("docs/agent.py"), url, words.ToJsonString()]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AGENT_API_KEY"] = key;
        using var process = Process.Start(start)!;
        try
        {
            var (errors, steps) = (process.StandardError.ReadToEndAsync(), new List<AgentStep>());
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.StartsWith('{'))
                {
                    await process.WaitForExitAsync();
                    return (JsonNode.Parse(line)!, "", steps);
                }

                var said = line.Split('\t');
                steps.Add(said[0] == "wait" ? new("wait", "", "", "", double.Parse(said[1])) : new(said[0], said[1], said[2], said[3], 0));
                Assert.True(steps.Count <= MostSteps, $"It goes in circles:\n{Told(steps)}");
                await world(steps[^1]);
                await process.StandardInput.WriteLineAsync();
            }

            return (null, await errors, steps);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    public static string Told(IEnumerable<AgentStep> steps) => string.Join('\n', steps.Select(s => s.Method == "wait" ? $"wait {s.WaitsSeconds}" : $"{s.Method} {s.Path}"));
}
