using Agora.Crash.Support;
using Agora.Testing.Attackers;
using Agora.Testing.Postgres;

namespace Agora.Crash;

/// <summary>
/// A user whose every word is known is erased. Then every byte that is left of the server (the data directory, the database with its log, what was
/// printed) is searched for the words, and for plain hashes of all that held them.
/// </summary>
public sealed class ErasureTests
{
    private const string Agent = "agent-1";
    private const string IdempotencyKey = "before-the-biopsy-on-tuesday";
    private static readonly TimeSpan Patience = Hang.Timeout;

    [Fact]
    public async Task Of_an_erased_user_no_word_and_no_guessable_hash_is_in_any_byte_of_the_data_directory_or_the_log()
    {
        using var directory = new DataDirectory();
        var (words, output) = await Live(directory, []);
        Assert.Empty(words.FoundIn(directory.Path).Concat(words.FoundIn("log", output)));
        Assert.NotEmpty(new KnownWords().Word(Agent).FoundIn(directory.Path));

        // What stays for a day, and where: an idempotency key is known by its text, in its table and nowhere else.
        var key = new KnownWords().Word(IdempotencyKey);
        Assert.NotEmpty(key.FoundIn(directory.Path));
        using (var database = new Database(directory.Database, writes: true))
        {
            database.LetClientKeysExpire();
        }

        Assert.Empty(key.FoundIn(directory.Path).Concat(key.FoundIn("log", output)));
    }

    [LongPostgresFact]
    public async Task Of_an_erased_user_no_word_and_no_guessable_hash_is_in_any_byte_of_PostgreSQL_or_the_log()
    {
        using var directory = new DataDirectory();
        using var server = PostgresServer.Start();
        var (words, output) = await Live(directory, ["--postgres", server.CreateDatabase("erased")]);
        PostgresServer.Execute(server.ConnectionString("erased"), "VACUUM FULL");
        server.Stop();
        Assert.Empty(words.FoundIn(server.DataDirectory).Concat(words.FoundIn(directory.Path)).Concat(words.FoundIn("log", output)));
        Assert.NotEmpty(new KnownWords().Word(Agent).FoundIn(server.DataDirectory));
    }

    private static async Task<(KnownWords Words, string Output)> Live(DataDirectory directory, string[] store)
    {
        var words = new KnownWords();
        var address = ServerProcess.FreeAddress();
        var surroundings = new Surroundings(new Dictionary<string, string> { ["AGORA_DUPLICATE_WINDOW_SECONDS"] = "10" });
        await using var provider = await TextProvider.Start();
        await using var server = await ServerProcess.Start(directory.Path, address, provider.Allowed, store, surroundings);
        using var api = new ApiClient(address);

        async Task<Received> Say(string method, string path, string key, string body, string? idempotencyKey = null)
        {
            words.Request(method, path, body);
            return await (key == ServerProcess.AdminKey ? api.Admin(new(method), path, body, idempotencyKey) : api.Post(path, key, body, idempotencyKey));
        }

        async Task<Received> Order(string method, string path, string body, string? idempotencyKey = null) => await Say(method, path, ServerProcess.AdminKey, body, idempotencyKey);

        // What the user is, does and asks for.
        await Market.Load(api, provider);
        (await Order("PUT", "/admin/users/user-1", $$$"""{"attributes":{"craft":"{{{words.Say("left-handed-luthier")}}}"}}""", "put-1-" + IdempotencyKey)).Expect(200);
        var session = await Open(api, Agent);
        await Market.Eventually(() => api.Get("/agent/tasks/survey", session.Token), task => task.Status == 200, Patience);
        (await Say("POST", "/agent/tasks/survey/complete", session.Token, $$$"""{"output":{"rating":5,"why":"{{{words.Say("a-secret-opinion")}}}"},"consents":[{"type":"data_sharing","granted":true}]}""", "task-1-" + IdempotencyKey)).Expect(201);
        await Market.Runnable(api, session);
        words.Content($$$"""{"text":"{{{words.Say("a-very-private-question")}}}"}""");
        (await Say("POST", Market.RunRoute, session.Token, """{"input":{"text":"a-very-private-question"}}""")).Expect(200);
        words.Content($$$"""{"text":"{{{words.Say("another-private-question")}}}"}""");
        var run = (await Say("POST", Market.RunRoute, session.Token, """{"input":{"text":"another-private-question"}}""", "run-1-" + IdempotencyKey)).Expect(200).Data;

        // What is said about the user.
        (await api.Admin(HttpMethod.Post, $"/admin/wallets/agent:{Agent}/deposit", """{"amount_cents":100}""", "deposit-1")).Expect(200);
        (await api.Admin(HttpMethod.Put, "/admin/agents/agent-2", "{}")).Expect(200);
        (await Say("POST", "/agent/wallet/transfer", session.Token, $$$"""{"to":"agent:agent-2","amount_cents":5,"memo":"{{{words.Say("for-the-divorce-lawyer")}}}"}""", "pay-1-" + IdempotencyKey)).Expect(200);
        var payment = run.GetProperty("payment").GetProperty("payment_id").GetString()!;
        (await Order("POST", $"/admin/payments/{payment}/refund", $$$"""{"amount_cents":1,"reason":"{{{words.Say("was-drunk-when-ordering")}}}"}""", "refund-1-" + IdempotencyKey)).Expect(200);
        (await Order("PUT", $"/admin/users/user-1/grants/{Agent}", Grant)).Expect(200);
        var careful = await Open(api, Agent);
        var waits = (await Say("POST", Market.RunRoute, careful.Token, $$$"""{"input":{"text":"{{{words.Say("a-question-that-waits")}}}"}}""", "run-2-" + IdempotencyKey)).Expect(202).Data.GetProperty("run_id").GetString()!;
        (await Order("POST", $"/admin/approvals/{waits}", $$$"""{"decision":"deny","reason":"{{{words.Say("said-so-in-tears")}}}"}""")).Expect(200);
        (await Order("POST", $"/admin/sessions/{session.Id}/suspend", $$$"""{"reason":"{{{words.Say("called-from-the-clinic")}}}"}""")).Expect(200);
        (await Order("POST", $"/admin/sessions/{session.Id}/resume", $$$"""{"reason":"{{{words.Say("well-again-it-seems")}}}"}""")).Expect(200);

        (await Order("POST", "/admin/users/user-1/pause", $$$"""{"reason":"{{{words.Say("hospital-since-monday")}}}"}""")).Expect(200);
        (await Order("POST", "/admin/users/user-1/resume", $$$"""{"reason":"{{{words.Say("the-sister-phoned")}}}"}""")).Expect(200);
        (await Order("POST", $"/admin/sessions/{careful.Id}/end", $$$"""{"reason":"{{{words.Say("lost-the-phone-in-the-bar")}}}"}""")).Expect(200);

        // All of it is shown as long as the user is there, to both sides of a payment, and nothing after.
        await Market.Eventually(() => Memo(api), memo => memo == "for-the-divorce-lawyer", Patience);
        Assert.Equal("was-drunk-when-ordering", await Reason(api, payment));
        (await api.Admin(HttpMethod.Delete, "/admin/users/user-1/personal-data")).Expect(200);
        Assert.Equal((null, null), (await Memo(api), await Reason(api, payment)));
        server.Terminate();
        Assert.True(await server.Ended() == 0, server.Output);
        return (words, server.Output);
    }

    private const string Grant =
        """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"budget_limit_cents":1000},"require_approval_above_cents":1}""";

    private static async Task<OpenSession> Open(ApiClient api, string agent)
    {
        var opened = (await api.Post(
            "/agent/auth", ServerProcess.PlatformKey,
            $$$"""{"agent_id":"{{{agent}}}","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"budget_limit_cents":1000}}""")).Expect(201).Data;
        return new(opened.GetProperty("session_id").GetString()!, "user-1", opened.GetProperty("token").GetString()!);
    }

    /// <summary>Of the transfer, as the payee's statement has it.</summary>
    private static async Task<string?> Memo(ApiClient api)
    {
        var reply = await api.Admin(HttpMethod.Get, "/admin/wallets/agent:agent-2/statement");
        return reply.Status != 200 || reply.Data.GetProperty("entries").GetArrayLength() == 0 ? "none yet" : reply.Data.GetProperty("entries")[0].GetProperty("memo").GetString();
    }

    private static async Task<string?> Reason(ApiClient api, string payment) =>
        (await api.Admin(HttpMethod.Get, $"/admin/payments/{payment}")).Expect(200).Data.GetProperty("refunds")[0].GetProperty("reason").GetString();
}
