using System.Diagnostics;
using System.Globalization;
using System.Net;
using Agora.Benchmarks.Messages;
using Agora.Benchmarks.Servers;
using Agora.Benchmarks.SideBySide;

namespace Agora.Benchmarks;

/// <summary>WebSockets on which nothing is said, each an agent's that listens: what memory a server has with so many of them, in steps, and whether all live on heartbeats alone.</summary>
internal static class IdleSockets
{
    private const int AtOnce = 32;
    private const int PerAddress = 20_000; // below the ports that one address has

    public static async Task Run(Options options)
    {
        var (count, step, perAgent, hold) = (options.Number("sockets", 20_000), options.Number("step", 5_000), options.Number("per-agent", 1), options.Number("seconds", 60));
        await using var stage = new Stage(options);
        var (_, server) = await stage.Agora();
        using var talk = new AgoraTalk(server.Address);
        var (lines, sockets, keys) = (new List<(string, string, string)> { ("memory of the server, no sockets", Megabytes(server), "") }, new SocketWire[count], new string[(count + perAgent - 1) / perAgent]);
        try
        {
            for (var from = 0; from < count; from += step)
            {
                var to = Math.Min(count, from + step);
                await Parallel.ForEachAsync(Enumerable.Range(from / perAgent, ((to + perAgent - 1) / perAgent) - (from / perAgent)), AtMost(), async (n, _) => keys[n] ??= await talk.Agent($"idle-{n}"));
                await Parallel.ForEachAsync(Enumerable.Range(from, to - from), AtMost(), async (n, _) =>
                {
                    sockets[n] = await SocketWire.Open(server.Address, keys[n / perAgent], static _ => { }, new IPAddress([127, 0, 0, (byte)(1 + (n / PerAddress))]));
                    sockets[n].Send("""{"type":"listen","after":"now","credits":100}""");
                });
                lines.Add(($"the same with {Report.Of(to)}, each listening", Megabytes(server), to == 20_000 ? "< 500 MB" : ""));
            }

            var (before, began, cpu) = (sockets.Sum(socket => (long)socket.Pings), Stopwatch.GetTimestamp(), server.Cpu);
            await Task.Delay(TimeSpan.FromSeconds(hold));
            var (pings, took) = (sockets.Sum(socket => (long)socket.Pings) - before, Stopwatch.GetElapsedTime(began).TotalSeconds);
            lines.Add(($"memory after {hold} s of heartbeats", Megabytes(server), count == 20_000 ? "< 500 MB" : ""));
            lines.Add(("heartbeats a second", Report.Of((int)(pings / took)), ""));
            lines.Add(("CPU of the server meanwhile", string.Create(CultureInfo.InvariantCulture, $"{100 * (server.Cpu - cpu).TotalSeconds / took:F0} % of a core"), ""));
            lines.Add(("sockets that ended", Report.Of(sockets.Count(socket => socket.Ended.IsCompleted)), "0"));
        }
        finally
        {
            foreach (var socket in sockets) socket?.Dispose();
        }

        Report.Print("sockets", options, [.. lines]);
    }

    private static ParallelOptions AtMost() => new() { MaxDegreeOfParallelism = AtOnce };

    private static string Megabytes(Child server)
    {
        var line = File.ReadLines($"/proc/{server.Processes[0]}/status").First(status => status.StartsWith("VmRSS:", StringComparison.Ordinal));
        return string.Create(CultureInfo.InvariantCulture, $"{long.Parse(line["VmRSS:".Length..^"kB".Length], CultureInfo.InvariantCulture) / 1_024} MB");
    }
}
