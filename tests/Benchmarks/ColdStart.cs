using System.Diagnostics;
using System.Net;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Benchmarks;

/// <summary>The real server as a process, on a journal of many events: until it says that it listens, and until a request that loads streams is answered.</summary>
internal static class ColdStart
{
    private const int Sessions = 200;
    private const int Starts = 3;

    public static async Task<Measures> Run(Options options)
    {
        var wanted = options.Number("events", 100_000);
        using var directory = new ScratchDirectory();
        var events = await Fill(directory.Path, wanted);
        var starts = new List<(TimeSpan Listening, TimeSpan Answered, TimeSpan Cpu)>();
        for (var n = 0; n < Starts; n++)
        {
            starts.Add(await Start(directory.Path));
        }

        return Measures.Of(("events in the journal", Report.Of(events), ""),
            ("to `Agora is listening`, median of 3", Median(starts.Select(s => s.Listening)), ""),
            ("to the first answered request, median of 3", Median(starts.Select(s => s.Answered)), "goal < 2 s"),
            ("CPU time until then, all cores", Median(starts.Select(s => s.Cpu)), ""));
    }

    private static string Median(IEnumerable<TimeSpan> times) => $"{Report.Of(times.Order().ElementAt(Starts / 2).TotalSeconds, 2)} s";

    /// <summary>Runs as agents make them, until their events are enough.</summary>
    private static async Task<long> Fill(string directory, int wanted)
    {
        await using var product = await Product.Start(directory);
        var runners = (await Market.Open(product.Address, Sessions, campaigns: 10)).Select(s => LoadRequests.Post(s.Runs, s.Token)).ToList();
        for (var events = 0L; ; events = await Events(product.Services.GetRequiredService<IJournal>()))
        {
            if (events >= wanted) return events;

            await HttpLoad.Run(product.Address, runners, 64, TimeSpan.FromSeconds(2));
        }
    }

    private static async Task<long> Events(IJournal journal)
    {
        var events = 0L;
        for (string? after = null; ;)
        {
            var streams = await journal.Streams("", after, 10_000, CancellationToken.None);
            foreach (var stream in streams)
            {
                for (var seq = 0L; await journal.Read(stream, seq, int.MaxValue, CancellationToken.None) is { Count: > 0 } rows; seq = rows[^1].Seq)
                {
                    events += rows.SelectMany(RowCodec.Decode).Sum(entry => entry.Events.Count);
                }
            }

            if (streams.Count < 10_000) return events;

            after = streams[^1];
        }
    }

    /// <summary>Once, then it is gone.</summary>
    public static async Task<(TimeSpan Listening, TimeSpan Answered, TimeSpan Cpu)> Start(string directory)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Agora.Silo.dll");
        var started = Stopwatch.GetTimestamp();
        using var server = Process.Start(new ProcessStartInfo("dotnet", [program, "--data", directory, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["AGORA_ADMIN_KEY"] = Product.AdminKey, ["AGENT_API_KEY"] = Product.PlatformKey },
        })!;
        server.BeginErrorReadLine(); // its log
        try
        {
            const string Mark = "Agora is listening on ";
            string? line;
            do
            {
                line = await server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server ended before it listened.");
            }
            while (!line.StartsWith(Mark, StringComparison.Ordinal));

            var listening = Stopwatch.GetElapsedTime(started);
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(line[Mark.Length..]) };
            http.DefaultRequestHeaders.Authorization = new("Bearer", Product.AdminKey);
            using var reply = await http.GetAsync("/admin/campaigns/campaign-0");
            return reply.StatusCode == HttpStatusCode.OK
                ? (listening, Stopwatch.GetElapsedTime(started), server.TotalProcessorTime)
                : throw new InvalidOperationException($"The first request was answered with {(int)reply.StatusCode}.");
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }
}
