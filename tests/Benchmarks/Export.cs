using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Postgres;
using Agora.Journal.Sqlite;
using Agora.Testing.Postgres;

namespace Agora.Benchmarks;

/// <summary>
/// All payments as CSV from the server as a process of its own: how long it takes, and the most memory that the process has meanwhile, of a tenth of the payments and of all.
/// What a page at a time needs does not grow with the list. How much the process has is how much the collector lets lie: with <c>--heap MEGABYTES</c> it may have no more than so much,
/// and a list of any length still ends. The collector's youngest generation alone is larger as <c>./run</c> has it.
/// </summary>
internal static class Export
{
    private const int Batch = 1_000;
    private static readonly TableShape Runs = TableShapes.Of(RunTables.Runs);
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task<Measures> Run(Options options)
    {
        var (payments, store, form) = (options.Number("payments", 1_000_000), options.Text("store", "sqlite"), options.Text("accept", "text/csv"));
        using var directory = new ScratchDirectory();
        using var postgres = store == "postgres" ? PostgresServer.Start() : null;
        var database = postgres?.CreateDatabase("export");
        await using (IJournal journal = database is null
            ? SqliteJournal.Open(new() { Path = Path.Combine(directory.Path, "agora.db") })
            : await PostgresJournal.Open(new() { ConnectionString = database }))
        {
            for (var first = 0; first < payments; first += Batch)
            {
                await journal.Write([.. Enumerable.Range(first, Math.Min(Batch, payments - first)).Select(Payment)], CancellationToken.None);
            }
        }

        string[] arguments = database is null ? ["--data", directory.Path] : ["--data", directory.Path, "--postgres", database];
        await using var server = await Child.StartServer("serve-agora", arguments, options.Number("heap", 0) is > 0 and var megabytes ? megabytes << 20 : null);
        var part = await Take(server, $"/admin/payments?to={Start.AddSeconds(payments / 10).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}", form);
        var all = await Take(server, "/admin/payments", form);
        return Measures.Of(($"{Report.Of(part.Lines)} lines: peak RSS", Report.Megabytes(part.Peak), ""),
            ($"{Report.Of(all.Lines)} lines: peak RSS", Report.Megabytes(all.Peak), "goal: not more than a tenth more"),
            ("  bytes", Report.Megabytes(all.Bytes), ""),
            ("  time", $"{Report.Of(all.Took.TotalSeconds, 1)} s", ""),
            ("  first byte after", Report.Milliseconds(all.First), ""),
            ("  CPU time of the server", $"{Report.Of(all.Cpu.TotalSeconds, 1)} s", ""));
    }

    private static async Task<Taken> Take(Child server, string path, string form)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Product.AdminKey);
        http.DefaultRequestHeaders.Accept.ParseAdd(form);
        var process = server.Processes[0];
        await File.WriteAllTextAsync($"/proc/{process}/clear_refs", "5"); // the peak is the process's from here on (proc(5))
        var (cpu, started) = (server.Cpu, Stopwatch.GetTimestamp());
        using var response = (await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead)).EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync();
        var (buffer, lines, bytes, first) = (new byte[1 << 16], 0L, 0L, TimeSpan.Zero);
        for (int read; (read = await body.ReadAsync(buffer)) > 0; bytes += read)
        {
            first = bytes == 0 ? Stopwatch.GetElapsedTime(started) : first;
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        return new(lines, bytes, first, Stopwatch.GetElapsedTime(started), server.Cpu - cpu, ProcessStatus.Of(process).PeakBytes);
    }

    private static OwnedUpsert Payment(int number)
    {
        var (id, at) = (new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]).ToString("D"), Start.AddSeconds(number).ToMicros());
        var values = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["tenant"] = StreamId.DefaultTenant, ["run_id"] = id, ["payment_id"] = id, ["session_id"] = $"session-{number % 10_000}", ["user_id"] = $"user-{number % 1_000}", ["agent_id"] = $"agent-{number % 100}",
            ["service_id"] = "summary", ["campaign_id"] = "survey", ["state"] = "succeeded", ["amount_micros"] = 250_000L, ["payer"] = "Acme", ["source"] = "sponsor", ["status"] = "posted",
            ["why"] = "The first completed campaign that pays for this service.", ["requested_at"] = at, ["settled_at"] = at, ["operation"] = "run_service",
            ["endpoint"] = "POST /agent/services/{service_id}/run", ["request_summary"] = "", ["response_status"] = 200L, ["related_party"] = 0L, ["provider"] = "text-provider", ["payer_id"] = "survey",
            ["fee_micros"] = 0L,
        };
        return new($"default/session/session-{number % 10_000}", 1, new(Runs, [.. RunTables.Runs.Columns.Select(column => values.GetValueOrDefault(column))]));
    }

    private sealed record Taken(long Lines, long Bytes, TimeSpan First, TimeSpan Took, TimeSpan Cpu, long Peak);
}
