using System.Diagnostics;
using System.Globalization;
using System.Net;
using Agora.Benchmarks.Messages;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;
using Agora.Benchmarks.SideBySide;

namespace Agora.Benchmarks;

/// <summary>
/// WebSockets on which nothing is said: what memory a server has with so many of them, in steps, and whether all live on heartbeats alone. First a web server that keeps them and does nothing else,
/// then the product, where each is an agent's that listens.
/// </summary>
internal static class IdleSockets
{
    private const int AtOnce = 32;
    private const int PerAddress = 20_000; // below the ports that one address has
    private const int Goal = 20_000;
    private const int FilesBeside = 600; // of the programs themselves

    public static async Task<Measures> Run(Options options)
    {
        var (asked, perAgent) = (options.Number("sockets", 20_000), options.Number("per-agent", 1));
        var count = Math.Min(asked, FilesOpen() - FilesBeside);
        var lines = new List<(string, string, string)>();
        await using (var bare = await Child.StartServer("serve-bare"))
        {
            await Measure(lines, "a bare server", bare, count, options, static _ => Task.FromResult("none"), listen: null, "");
        }

        await using var stage = new Stage(options);
        var (_, server) = await stage.Agora();
        using var talk = new AgoraTalk(server.Address);
        var keys = new Lazy<Task<string>>[(count + perAgent - 1) / perAgent];
        for (var n = 0; n < keys.Length; n++)
        {
            var agent = $"idle-{n}";
            keys[n] = new(() => talk.Agent(agent));
        }

        await Measure(lines, "Agora", server, count, options, n => keys[n / perAgent].Value, """{"type":"listen","after":"now","credits":100}""", "< 500 MB");
        return count == asked ? Measures.Of([.. lines]) : Measures.Of([.. lines]).Noting($"{Report.Of(asked)} were asked for; a process may open {Report.Of(FilesOpen())} files here.");
    }

    /// <param name="listen">What each says once.</param>
    private static async Task Measure(List<(string, string, string)> lines, string what, Child server, int count, Options options, Func<int, Task<string>> key, string? listen, string goal)
    {
        var (step, hold, sockets) = (options.Number("step", 5_000), options.Number("seconds", 60), new SocketWire[count]);
        lines.Add(($"{what}: memory, no sockets", Megabytes(server), ""));
        try
        {
            for (var from = 0; from < count; from += step)
            {
                var to = Math.Min(count, from + step);
                await Parallel.ForEachAsync(Enumerable.Range(from, to - from), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (n, _) =>
                {
                    sockets[n] = await SocketWire.Open(server.Address, await key(n), static _ => { }, new IPAddress([127, 0, 0, (byte)(1 + (n / PerAddress))]));
                    if (listen is not null)
                    {
                        sockets[n].Send(listen);
                    }
                });
                lines.Add(($"{what}: with {Report.Of(to)}", Megabytes(server), to == Goal ? goal : ""));
            }

            var (before, began, cpu) = (sockets.Sum(socket => (long)socket.Pings), Stopwatch.GetTimestamp(), server.Cpu);
            await Task.Delay(TimeSpan.FromSeconds(hold));
            var (pings, took) = (sockets.Sum(socket => (long)socket.Pings) - before, Stopwatch.GetElapsedTime(began).TotalSeconds);
            lines.Add(($"{what}: memory after {hold} s of heartbeats", Megabytes(server), count == Goal ? goal : ""));
            lines.Add(($"{what}: heartbeats a second", Report.Of((int)(pings / took)), ""));
            lines.Add(($"{what}: CPU meanwhile", string.Create(CultureInfo.InvariantCulture, $"{100 * (server.Cpu - cpu).TotalSeconds / took:F0} % of a core"), ""));
            lines.Add(($"{what}: sockets that ended", Report.Of(sockets.Count(socket => socket.Ended.IsCompleted)), "0"));
        }
        finally
        {
            foreach (var socket in sockets) socket?.Dispose();
        }
    }

    private static int FilesOpen()
    {
        var words = File.ReadLines("/proc/self/limits").First(limit => limit.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return int.TryParse(words[4], CultureInfo.InvariantCulture, out var hard) ? hard : int.MaxValue; // the runtime raises its own to the hard one
    }

    private static string Megabytes(Child server) => string.Create(CultureInfo.InvariantCulture, $"{ProcessStatus.Of(server.Processes[0]).MemoryBytes / 1_048_576} MB");
}
