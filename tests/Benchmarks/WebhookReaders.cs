using System.Net.Http.Headers;
using System.Net.Http.Json;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Outbound;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Benchmarks;

/// <summary>
/// What webhook endpoints cost runs. Most variants have endpoints that are sent nothing, because they belong to another tenant or subscribe to other events; the last one has endpoints that get every run.
/// <para>One server on SQLite, in this process with its load. The variants take turns, a fixed number of runs each, and what is compared is the processor time and the allocated memory of a run within one round: so other programs on the machine
/// disturb all variants alike, and allocations they do not disturb at all. A turn ends when every delivery was made.</para>
/// </summary>
internal static class WebhookReaders
{
    private const string Receiver = $"https://{InstantService.Host}/hook";

    private static readonly Variant[] Variants =
    [
        new("none", "no endpoint", 0, Product.AdminKey, null),
        new("other-1", "1 endpoint of another tenant, all events", 1, Product.OtherKey, null),
        new("other-5", "5 endpoints of another tenant, all events", 5, Product.OtherKey, null),
        new("other-20", "20 endpoints of another tenant, all events", 20, Product.OtherKey, null),
        new("refunds-20", "20 endpoints of this tenant, refunds", 20, Product.AdminKey, "refund.accepted"),
        new("approvals-20", "20 endpoints of this tenant, approvals", 20, Product.AdminKey, "approval.waiting"),
        new("runs-20", "20 endpoints of this tenant, every run", 20, Product.AdminKey, "run.succeeded", DeliversEach: true),
    ];

    public static async Task<Measures> Run(Options options)
    {
        var (runs, rounds, connections) = (options.Number("runs", 1_000), options.Number("rounds", 16), options.Number("connections", 16));
        var only = options.Text("only", string.Join(',', Variants.Select(static v => v.Name))).Split(',');
        var turns = Variants.Where(v => only.Contains(v.Name)).Select(static v => new Turns(v)).ToList();
        using var directory = new ScratchDirectory();
        await using var product = await Product.Start(directory.Path);
        using var http = new HttpClient { BaseAddress = product.Address };
        var runners = (await Market.Open(product.Address, options.Number("sessions", 200), 50)).Select(static session => LoadRequests.Post(session.Runs, session.Token)).ToList();
        await HttpLoad.Run(product.Address, runners, connections, TimeSpan.FromSeconds(options.Number("warm-up", 15)));

        var receiver = (InstantService)product.Services.GetRequiredService<IOutbound>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var turn in Enumerable.Range(0, turns.Count).Select(n => turns[(n + round) % turns.Count]))
            {
                await Put(http, turn.Of, $"w{round}");
                await Load(runs / 5); // the endpoints are at the end of the feed by then
                var (cpu, allocated) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
                var answers = await Load(runs);
                turn.Add(answers, Environment.CpuUsage.TotalTime - cpu, GC.GetTotalAllocatedBytes() - allocated);
                await Delete(http, turn.Of, $"w{round}");

                async Task<long> Load(int some)
                {
                    var before = receiver.Calls;
                    var seen = await HttpLoad.Run(product.Address, runners, connections, some / connections);
                    var calls = before + (seen.Answers * (turn.Of.DeliversEach ? turn.Of.Count + 1 : 1));
                    while (receiver.Calls < calls) await Task.Delay(5);
                    return seen.Answers;
                }
            }
        }

        return Measures.Of([.. turns.SelectMany(turn => turn.Lines(turns[0]))]);
    }

    private static async Task Put(HttpClient http, Variant variant, string name)
    {
        for (var n = 0; n < variant.Count; n++)
        {
            await Send(http, HttpMethod.Put, $"/admin/webhooks/{name}-{variant.Name}-{n}", variant.Key, variant.Types is { } type ? new { url = Receiver, types = new[] { type } } : new { url = Receiver });
            await Send(http, HttpMethod.Post, $"/admin/webhooks/{name}-{variant.Name}-{n}/secrets", variant.Key, new { });
        }
    }

    private static async Task Delete(HttpClient http, Variant variant, string name)
    {
        for (var n = 0; n < variant.Count; n++)
        {
            await Send(http, HttpMethod.Delete, $"/admin/webhooks/{name}-{variant.Name}-{n}", variant.Key, null);
        }
    }

    private static async Task Send(HttpClient http, HttpMethod method, string path, string key, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await http.SendAsync(request);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    /// <param name="Types">Null: all events.</param>
    /// <param name="DeliversEach">Every run is delivered to each of its endpoints.</param>
    private sealed record Variant(string Name, string What, int Count, string Key, string? Types, bool DeliversEach = false);

    private sealed class Turns(Variant of)
    {
        private readonly List<double> _micros = [];
        private readonly List<double> _kilobytes = [];

        public Variant Of => of;

        public void Add(long answers, TimeSpan cpu, long allocated)
        {
            _micros.Add(cpu.TotalMicroseconds / answers);
            _kilobytes.Add(allocated / 1024.0 / answers);
        }

        public IEnumerable<(string, string, string)> Lines(Turns none)
        {
            yield return ($"a run with its load: {of.What}", $"{Report.Of(Median(_micros))} us CPU, {Report.Of(Median(_kilobytes), 1)} KB", "");
            if (this == none) yield break;

            if (of.DeliversEach)
            {
                var each = _micros.Zip(none._micros, (with, without) => (with - without) / of.Count);
                yield return ("  of which a delivery, the median of the rounds", $"{Report.Of(Median(each))} us CPU, {Report.Of(Median(_kilobytes.Zip(none._kilobytes, (with, without) => (with - without) / of.Count)), 1)} KB", "");
            }
            else
            {
                yield return ("  more than with no endpoint, the median of the rounds", $"{More(_micros, none._micros)} CPU, {More(_kilobytes, none._kilobytes)} memory", "goal <= 5 %");
            }
        }

        private static string More(List<double> with, List<double> without) => $"{Report.Of(100 * (Median(with.Zip(without, static (one, other) => one / other)) - 1), 1)} %";
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
