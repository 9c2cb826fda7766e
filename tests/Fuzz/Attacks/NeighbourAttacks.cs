using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Agora.Fuzz.Servers;

namespace Agora.Fuzz.Attacks;

/// <summary>One tenant does at once all by which one caller could once stop the others; another one does its normal work before and meanwhile.</summary>
internal static class NeighbourAttacks
{
    private const int Dialogues = 64, SubSessions = 20, FollowersOfEach = 40, Endpoints = 20, ImportedTurns = 1_000, Workers = 4;
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(30);

    /// <summary>Texts that once made pages and routes fail: parts of a surrogate pair, escaped, and shapes of JSON that no page expected.</summary>
    private static readonly string[] Odd = ["""{"text":"\ud800"}""", """{"text":"a\udc00b"}""", """{"text":"😀\ud83d"}""", """{"text":[{"a":1},5]}""", """{"text":{"links":{"a":5},"x_cents":1e300,"href":[]}}""", "[null,{\"a\":1}]"];

    [Attack(20, "provider errors, 64 dialogues, followers of 20 sub-sessions, 20 webhooks, long forms, imports of chats and odd JSON of one tenant at once stop another tenant", IsLong = true)]
    public static async Task<Verdict> Neighbours(Target target)
    {
        await using var services = await OddServices.Start();
        await using var own = new Target(await ServerUnderTest.Start(Neighbour.Settings(services, [])));
        await using var other = await Neighbour.Move(own, services);
        await other.Work(); // compiled by then
        other.Since();
        await Until(Lasts, 2, _ => other.Work());
        var before = other.Since();

        var (session, subs) = await Prepare(own, services);
        var (answers, started) = (new ConcurrentDictionary<string, int>(), Stopwatch.GetTimestamp());
        using var over = new CancellationTokenSource();
        var attack = Task.WhenAll(
            Begin(own, session, answers),
            Follow(own, subs, over.Token),
            Until(Lasts, Workers, n => Send("POST", "/openai/v1/chat/completions", $$"""{"model":"{{(n % 2 == 0 ? OddServices.Failing : OddServices.TooLarge)}}","max_tokens":16,"messages":[{"role":"user","content":"Fail."}]}""")),
            Until(Lasts, Workers, n => Send("POST", n % 2 == 0 ? "/agent/services/odd/run" : "/agent/services/fail/run", $$$"""{"input":{"text":"{{{n}}}"}}""")),
            Until(Lasts, Workers, async n =>
            {
                await Send("POST", "/api/v2/memories", Odd[n % Odd.Length]);
                await Send("PUT", "/api/v2/preferences", $$"""{"about":{{Odd[n % Odd.Length]}}}""");
                await Send("POST", "/agent/services/short/run", $$"""{"input":{{Odd[n % Odd.Length]}}}""");
            }),
            Until(Lasts, Workers, n => Send("POST", "/api/v2/chat/imports", Import(n / 2))), // every other one finds what the one before it has brought
            Until(Lasts, Workers, _ => Send("POST", "/talk/sign-out", new string('a', 4 << 20), ("Connection", "close"))));
        await Until(Lasts, 2, _ => other.Work());
        var during = other.ToString();
        await over.CancelAsync();
        await attack;

        var wrong = answers.Keys.FirstOrDefault(static key => key.EndsWith(" 500", StringComparison.Ordinal) && !key.Contains("/openai/", StringComparison.Ordinal));
        return new(
            own.Server!.HasEnded ? "the server has ended" : other.Refused ?? (wrong is null ? null : $"{wrong}: {own.Server.Defects.FirstOrDefault()}"),
            string.Create(CultureInfo.InvariantCulture, $"before: {before}; during {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s: {during}; the tenant that attacks was answered {string.Join(", ", answers.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => $"{one.Value} x {one.Key}"))}"));

        async Task Send(string method, string path, string json, params (string, string)[] headers)
        {
            string status;
            try
            {
                status = $"{(await own.Send(method, path, session, json, headers)).Status}";
            }
            catch (HttpRequestException)
            {
                status = "cut off"; // a long form is not read to its end
            }

            answers.AddOrUpdate($"{path} {status}", 1, static (_, count) => count + 1);
        }
    }

    private static async Task<(string Session, IReadOnlyList<string> Subs)> Prepare(Target own, OddServices services)
    {
        foreach (var path in (string[])["short", "fail", "odd"])
        {
            (await own.Admin("PUT", $"/admin/services/{path}", services.Service($"/{path}"))).Done();
        }

        foreach (var model in (string[])[OddServices.Quick, OddServices.Failing, OddServices.TooLarge])
        {
            (await own.Admin("PUT", $"/admin/services/{model}", OddServices.Model(model))).Done();
        }

        for (var n = 0; n < Endpoints; n++)
        {
            (await own.Admin("PUT", $"/admin/webhooks/w{n}", $$"""{"url":"{{new Uri(services.Address, "/hook")}}"}""")).Done();
            (await own.Admin("POST", $"/admin/webhooks/w{n}/secrets", "{}", ("Idempotency-Key", $"secret-{n}"))).Done();
        }

        var (session, subs) = (await own.OpenSession("attacker"), new List<string>());
        await Services.Eventually(() => own.Send("POST", "/agent/services/odd/run", session, """{"input":{}}"""));
        await Services.EventuallyFound(() => own.Send("GET", "/openai/v1/models/quick", session));
        for (var n = 0; n < SubSessions; n++)
        {
            subs.Add((await own.Send("POST", "/agent/session/delegate", session, $$"""{"agent_id":"sub-{{n}}","scopes":{"budget_limit_cents":10} }""")).Done().GetProperty("token").GetString()!);
        }

        return (session, subs);
    }

    private static string Import(int number)
    {
        var turns = string.Join(',', Enumerable.Range(1, ImportedTurns).Select(static turn => $$"""{"text":"Question {{turn}}","reply":"{{new string('a', 1_000)}}"}"""));
        return $$"""{"origin":"old","origin_id":"chat-{{number}}","model":"{{OddServices.Quick}}","turns":[{{turns}}]}""";
    }

    private static async Task Begin(Target own, string session, ConcurrentDictionary<string, int> answers)
    {
        const string Seat = """{"name":"A","role":"You talk.","model":"quick","budget_cents":4},{"name":"B","role":"You talk.","model":"quick","budget_cents":4}""";
        for (var n = 0; n < Dialogues; n++)
        {
            var answered = await own.Send("POST", "/api/v2/watch", session, $$"""{"topic":"Nothing {{n}}","turns":500,"pace_seconds":0,"seats":[{{Seat}}]}""");
            answers.AddOrUpdate($"/api/v2/watch {answered.Status}", 1, static (_, count) => count + 1);
        }
    }

    /// <summary>Each sub-session begins a dialogue of a person, which waits, and follows it as often as it may.</summary>
    private static async Task Follow(Target own, IReadOnlyList<string> subs, CancellationToken over)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = own.Address, Timeout = Timeout.InfiniteTimeSpan };
        await Task.WhenAll(subs.Select(async sub =>
        {
            var begun = await own.Send("POST", "/api/v2/watch", sub, """{"topic":"Nobody","turns":500,"pace_seconds":0,"seats":[{"name":"A"},{"name":"B"}]}""");
            if (begun.Status is < 200 or >= 300) return;

            var path = $"/api/v2/watch/{begun.Done().GetProperty("watch_id").GetString()}/events";
            await Task.WhenAll(Enumerable.Range(0, FollowersOfEach).Select(async _ =>
            {
                try
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", $"Bearer {sub}" }, { "Accept", "text/event-stream" } } };
                    using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, over);
                    await Task.Delay(Timeout.Infinite, over);
                }
                catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
                {
                    // All followers leave together; one may have been turned away before.
                }
            }));
        }));
    }

    private static Task Until(TimeSpan time, int workers, Func<int, Task> work)
    {
        var (started, next) = (Stopwatch.GetTimestamp(), 0);
        return Task.WhenAll(Enumerable.Range(0, workers).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(started) < time)
            {
                await work(Interlocked.Increment(ref next));
            }
        }));
    }
}
