using Agora.Fuzz.Servers;
using Agora.Testing.Attackers;

namespace Agora.Fuzz.Attacks;

/// <summary>Whoever gets hold of what is left of a server after a user whose every word is known was erased: the data directory, and a log in which everything was logged.</summary>
internal static class ErasureAttacks
{
    private const string Name = "attack-erased";
    private const string Input = """{"input":{"text":"WORD","sentences":1}}""";

    private static readonly Dictionary<string, string> Talkative = new() { ["Logging__LogLevel__Default"] = "Trace", ["Logging__LogLevel__Microsoft"] = "Trace" };

    [Attack(14, "a word of an erased user, or a plain hash of what held one, is in any byte of the data directory or the log")]
    public static async Task<Verdict> Words(Target target)
    {
        using var directory = new KeptDirectory();
        var words = new KnownWords();
        string log;
        await using (var own = new Target(await ServerUnderTest.Start(Talkative, directory)))
        {
            var payment = await Live(own, words);
            if (!(await own.Admin("GET", $"/admin/payments/{payment}")).Text.Contains("was-drunk-when-ordering", StringComparison.Ordinal))
            {
                return "could not be tried: what was said cannot be read before the erasure either";
            }

            (await own.Admin("DELETE", $"/admin/users/{Name}/personal-data")).Done();
            if ((await own.Admin("GET", $"/admin/payments/{payment}")).Text.Contains("was-drunk-when-ordering", StringComparison.Ordinal))
            {
                return "a reason is shown after the erasure";
            }

            log = own.Server!.Output;
        }

        var found = words.FoundIn(directory.Path).Concat(words.FoundIn("log", log)).ToList();
        return found.Count > 0 ? string.Join("; ", found)
            : new KnownWords().Word(Name).FoundIn(directory.Path).Any() && log.Contains($"/admin/users/{Name}", StringComparison.Ordinal) ? null
            : "could not be tried: what was searched does not hold the user's id either";
    }

    /// <returns>A payment about which something was said.</returns>
    private static async Task<string> Live(Target target, KnownWords words)
    {
        async Task<Answered> Say(string method, string path, string key, string body, string? idempotencyKey = null)
        {
            words.Request(method, path, body);
            var answered = await (idempotencyKey is null ? target.Send(method, path, key, body) : target.Send(method, path, key, body, ("Idempotency-Key", idempotencyKey)));
            answered.Done();
            return answered;
        }

        string Content(string json, string word)
        {
            var content = json.Replace("WORD", words.Say(word), StringComparison.Ordinal);
            words.Content(content);
            return content;
        }

        string Reason(string word) => Content("""{"reason":"WORD"}""", word);

        const string Run = "/agent/services/text-summary/run";
        await Say("PUT", $"/admin/users/{Name}", target.AdminKey, Content("""{"attributes":{"craft":"WORD"}}""", "left-handed-luthier"), "put-1");
        var session = (await target.Send("POST", "/agent/auth", target.PlatformKey, """
            {"agent_id":"ID","user_id":"ID","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"budget_limit_cents":1000}}
            """.Replace("ID", Name, StringComparison.Ordinal))).Done();
        var (token, id) = (session.GetProperty("token").GetString()!, session.GetProperty("session_id").GetString());
        await Say("POST", "/agent/tasks/morning-coffee-survey/complete", token, Content(
            """{"output":{"cups_per_day":2,"place":"home","favourite_times":["morning"],"comment":"WORD"},"consents":[{"type":"data_sharing","granted":true}]}""", "a-secret-opinion"), "task-1");
        await Say("POST", Run, token, Content(Input, "a-very-private-question"));
        var run = (await Say("POST", Run, token, Content(Input, "another-private-question"), "run-1")).Json;
        var payment = run.GetProperty("data").GetProperty("payment").GetProperty("payment_id").GetString()!;

        (await target.Admin("POST", $"/admin/wallets/agent:{Name}/deposit", """{"amount_cents":100}""", ("Idempotency-Key", "deposit-1"))).Done();
        (await target.Admin("PUT", $"/admin/agents/{Name}-payee", "{}")).Done();
        await Say("POST", "/agent/wallet/transfer", token, Content($$"""{"to":"agent:{{Name}}-payee","amount_cents":5,"memo":"WORD"}""", "for-the-divorce-lawyer"), "pay-1");
        await Say("POST", $"/admin/payments/{payment}/refund", target.AdminKey, Content("""{"amount_cents":1,"reason":"WORD"}""", "was-drunk-when-ordering"), "refund-1");
        await Say("POST", $"/admin/sessions/{id}/suspend", target.AdminKey, Reason("called-from-the-clinic"));
        await Say("POST", $"/admin/sessions/{id}/resume", target.AdminKey, Reason("well-again-it-seems"));
        await Say("POST", $"/admin/users/{Name}/pause", target.AdminKey, Reason("hospital-since-monday"));
        await Say("POST", $"/admin/users/{Name}/resume", target.AdminKey, Reason("the-sister-phoned"));
        await Say("POST", $"/admin/sessions/{id}/end", target.AdminKey, Reason("lost-the-phone-in-the-bar"));
        return payment;
    }
}
