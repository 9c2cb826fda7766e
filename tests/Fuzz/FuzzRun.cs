using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Agora.Fuzz.Grammar;

namespace Agora.Fuzz;

/// <summary>
/// Sends inputs on several connections at once until there are enough, then says what came of them. Each input is drawn from the seed and its own
/// number; what it finds there depends on what others did meanwhile, so a finding is printed whole, as the bytes that were sent.
/// </summary>
public static class FuzzRun
{
    private const int Connections = 16;

    /// <summary>Inputs end sessions, suspend agents and pause users: so often a session of somebody else is opened, whom no input names.</summary>
    private const int SessionEach = 100;

    /// <returns>0: no 500, no reply that is none, no hang, and the server lives.</returns>
    public static async Task<int> Of(Target target, Arguments arguments, TextWriter output)
    {
        var document = await target.Send("GET", "/openapi/v1.json");
        var known = new Known();
        var routes = Route.Of(document.Json);
        if (target.GptKey is not null)
        {
            routes = [.. routes, .. Route.Declared((await target.Send("GET", "/gpt/openapi.json")).Json)];
            for (var i = 0; i < 4; i++)
            {
                known.Keep("session_token", await target.SignIn($"fuzz-{arguments.Seed}-person-{i}"), Random.Shared);
            }
        }

        var inputs = new Inputs(routes, known, target.AdminKey, target.PlatformKey, target.GptKey);
        var (tally, ended) = (new Tally(), false);
        for (var i = 0; i < 8; i++)
        {
            known.Keep("token", await target.OpenSession($"fuzz-{arguments.Seed}-first-{i}"), Random.Shared);
        }

        var before = target.Server?.Memory;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"seed {arguments.Seed}, against {target.Server?.ToString() ?? target.Address.ToString()}"));
        var started = Stopwatch.GetTimestamp();
        var number = 0L;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            using var speaker = new Speaker(target.Address, known, tally);
            while (!ended && !tally.IsOver)
            {
                var next = Interlocked.Increment(ref number);
                if (next > arguments.Count || Stopwatch.GetElapsedTime(started) > arguments.Time)
                {
                    ended = true;
                    break;
                }

                if (next % SessionEach == 0)
                {
                    known.Keep("token", await target.OpenSession($"fuzz-{arguments.Seed}-{next / SessionEach}"), Random.Shared);
                }

                var random = new Random(unchecked((arguments.Seed * 397) ^ (int)(next * 2_654_435_761)));
                await speaker.Say([.. Enumerable.Range(0, random.Next(20) == 0 ? random.Next(2, 6) : 1).Select(_ => inputs.Next(random))], random);
            }
        })));
        var took = Stopwatch.GetElapsedTime(started);
        if (!await Lives(target))
        {
            tally.Find($"the server is dead:\n{target.Server?.Output}");
        }

        await tally.Write(output, took, before, target.Server is { HasEnded: false } server ? server.Memory : null);
        if (!tally.HasFindings) return 0;

        foreach (var defect in target.Server?.Defects ?? []) await output.WriteLineAsync(defect);
        return 1;
    }

    private static async Task<bool> Lives(Target target)
    {
        try
        {
            return target.Server is not { HasEnded: true } && (await target.Send("GET", "/healthz")).Status == 200;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or TaskCanceledException)
        {
            return false;
        }
    }
}
