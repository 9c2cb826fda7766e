using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Agora.Fuzz.Attacks;

/// <summary>A model that says the same again in whatever other words, and a neighbour that would have it pay again.</summary>
internal static class RepeatAttacks
{
    private const string Free = "attack-repeat";

    private static readonly string[] Respelt =
    [
        """{"service_id":"attack-repeat","input":{"text":"Once.","sentences":2},"max_price_cents":5}""",
        """ { "max_price_cents" : 5.0, "input":{"sentences":2.00,"text":"Once."}, "service_id":"attack-repeat" } """,
        """{"service_id":"attack-repeat","input":{"sentences":20e-1,"text":"\u004fnce."},"max_price_cents":0.5e1,"campaign_id":null}""",
        """{"again":false,"service_id":"attack-repeat","input":{"text":"Once.","sentences":0.02E+2},"max_price_cents":5}""",
        """{"again":null,"service_id":"attack-repeat","input":{"text":"Once.","sentences":2.0000},"max_price_cents":5}""",
    ];

    [Attack(18, "a model's call in another spelling is another run")]
    public static async Task<Verdict> Spellings(Target target)
    {
        await Services.PutFree(target, Free);
        var token = await target.OpenSession($"attack-repeat-{Guid.NewGuid():N}");
        await Services.Eventually(() => target.Send("POST", $"/agent/services/{Free}/run", token, """{"input":{"text":"First.","sentences":1}}"""));
        var runs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var arguments in Respelt)
        {
            runs.Add(RunOf(await Call(target, token, "run_service", arguments)));
        }

        foreach (var run in await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Call(target, token, "run_service", Respelt[i % Respelt.Length]))))
        {
            runs.Add(RunOf(run));
        }

        return runs.Count == 1 ? null : $"{runs.Count} runs";
    }

    [Attack(18, "40 that say again at once are more than one run more")]
    public static async Task<Verdict> Again(Target target)
    {
        await Services.PutFree(target, Free);
        var token = await target.OpenSession($"attack-again-{Guid.NewGuid():N}");
        await Services.Eventually(() => target.Send("POST", $"/agent/services/{Free}/run", token, """{"input":{"text":"First.","sentences":1}}"""));
        var first = RunOf(await Call(target, token, "run_service", Respelt[0]));
        var again = Respelt[0].Replace("\"max_price_cents\"", "\"again\":true,\"max_price_cents\"", StringComparison.Ordinal);
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Call(target, token, "run_service", i % 2 == 0 ? again : Respelt[0])));
        var runs = answers.Select(RunOf).Append(first).Distinct().Count();

        // All at once are one more; those that came when that was done are one more each, as they ask for.
        return runs <= 21 && RunOf(await Call(target, token, "run_service", Respelt[0])) == first ? new Verdict(null, $"{runs} runs") : $"{runs} runs";
    }

    [Attack(18, "whoever knows a session's id, and guesses what was said in it, works out the keys of its calls")]
    public static async Task<Verdict> KeysOfAnother(Target target)
    {
        await Services.PutFree(target, Free);
        var token = await target.OpenSession($"attack-keys-{Guid.NewGuid():N}");
        await Services.Eventually(() => target.Send("POST", $"/agent/services/{Free}/run", token, """{"input":{"text":"First.","sentences":1}}"""));
        var session = (await target.Send("GET", "/agent/flow/status", token)).Done().GetProperty("session").GetProperty("session_id").GetString();
        RunOf(await Call(target, token, "run_service", $$$"""{"service_id":"{{{Free}}}","input":{"sentences":1,"text":"Once."}}"""));

        var guess = $"{session}\nrun_service\n0\n0\n{Free}\n{{\"input\":{{\"sentences\":1,\"text\":\"Once.\"}}}}";
        var key = $"mcp-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(guess)))}";
        var found = (await target.Admin("GET", $"/admin/search?q={key}")).Done().GetProperty("results").GetArrayLength();
        return found == 0 ? null : "its key is a plain hash of what was said";
    }

    [Attack(18, "a person's request in another spelling is another run")]
    public static async Task<Verdict> PersonsSpellings(Target target)
    {
        if (target.GptKey is null) return new(null, "no chat's key");

        await Services.PutFree(target, Free);
        var token = await target.SignIn($"attack-chat-{Guid.NewGuid():N}");
        Task<Answered> Ask(string path, string members) => target.Send("POST", path, target.GptKey, $$"""{"session_token":"{{token}}",{{members}}}""");
        const string Members = """ "input":{"text":"Once.","sentences":2},"max_price_cents":5 """;
        var path = $"/gpt/services/{Free}/run";
        var answers = new List<Answered>();
        for (var tries = 0; answers.Count == 0 && tries < 25; tries++)
        {
            var first = await Ask(path, Members);
            if (first.Status == 200)
            {
                answers.Add(first);
            }
            else
            {
                await Task.Delay(200);
            }
        }

        answers.Add(await Ask($"{path}/", Members));
        answers.Add(await Ask("/gpt/services/%61ttack-repeat/run?", Members));
        answers.Add(await Ask(path, """ "max_price_cents":5.0,"request_id":null,"input":{"sentences":2.0,"text":"\u004fnce."} """));
        answers.AddRange(await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Ask(path, Members))));
        var runs = answers.Where(answer => answer.Status == 200).Select(answer => answer.Json.GetProperty("run_id").GetString()).Distinct().Count();
        return runs == 1 ? null : $"{runs} runs";
    }

    [Attack(16, "a message of the Model Context Protocol whose parameters are odd ends in no 500, and is called no fault of ours")]
    public static async Task<Verdict> OddMessages(Target target)
    {
        var token = await target.OpenSession("attack-odd-messages");
        string[] odd = ["5", "[]", "null", "\"x\"", "{\"name\":5}", "{\"name\":null}", "{}", "{\"uri\":null}", "{\"name\":\"wallet\",\"arguments\":5}", "{\"name\":\"wallet\",\"Name\":\"transfer\"}",
            "{\"name\":\"wallet\",\"_meta\":[]}", "{\"name\":\"wallet\",\"_META\":{},\"_meta\":{}}", "{\"protocolVersion\":5}", "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":5,\"clientInfo\":5}", "{\"cursor\":{}}", "{\"notifications\":5}", "{\"level\":{}}"];
        var tried = 0;
        foreach (var method in new[] { "initialize", "ping", "tools/list", "tools/call", "resources/list", "resources/templates/list", "resources/read", "resources/subscribe", "logging/setLevel", "subscriptions/listen", "server/discover", "completion/complete" })
        {
            foreach (var (parameters, revision) in odd.SelectMany(one => new[] { (one, "2025-11-25"), (one, "2026-07-28") }))
            {
                var answer = await Post(target, token, $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""", revision, ("Mcp-Method", method), ("Mcp-Name", tried % 2 == 0 ? "wallet" : "=?base64?="));
                tried++;
                var isOurs = answer.Status >= 500 || answer.Text.Contains("-32603", StringComparison.Ordinal);
                if (isOurs) return $"{method} with {parameters} in {revision}: {answer.Status} {answer.Text}";
            }
        }

        return target.Server?.Output.Contains("Defect in a call of the Model", StringComparison.Ordinal) == true ? "it counted as a defect" : new Verdict(null, $"{tried} messages");
    }

    private static string RunOf(JsonElement answer) => answer.GetProperty("data").GetProperty("run_id").GetString()!;

    private static async Task<JsonElement> Call(Target target, string token, string tool, string arguments)
    {
        var answer = await Post(target, token, $$$"""{"jsonrpc":"2.0","id":"{{{Guid.NewGuid()}}}","method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""", "2025-11-25");
        var data = answer.Text.Split('\n').LastOrDefault(line => line.StartsWith("data:", StringComparison.Ordinal)) ?? throw new InvalidOperationException($"{answer.Status} {answer.Text}");
        return JsonElement.Parse(data[5..]).GetProperty("result").GetProperty("structuredContent");
    }

    private static Task<Answered> Post(Target target, string token, string message, string revision, params (string Name, string Value)[] headers) =>
        target.Send("POST", "/mcp", token, message, [("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", revision), .. headers]);
}
