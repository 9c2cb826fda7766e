using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Agora.Api.Refunds;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Testing.Postgres;

namespace Agora.Api.Tests.Lists;

/// <summary>Views for people with SQL, after a session that did all there is: both stores say the same.</summary>
public sealed class SqlViewsTests
{
    private const string Rating = "It works";

    /// <summary>A member that the task's schema does not declare: somebody may be named by it.</summary>
    private const string Name = "Aiko Tanaka";

    public static TheoryData<string> Stores => PostgresServer.Missing is null ? ["sqlite", "postgres"] : ["sqlite"];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Each_view_tells_what_happened_in_cents_and_times_and_nothing_personal(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        (await api.Client.Get("/agent/services", token)).Expect(200);
        (await api.Client.Get("/agent/tasks", token)).Expect(200);
        var schema = (await api.Client.Get("/agent/tasks/survey", token)).Expect(200).Data.GetProperty("task").GetProperty("schema").GetRawText();
        var completion = Support.Catalogue.Completion.Replace("\"again\"", $"\"{Name}\":1,\"again\"", StringComparison.Ordinal);
        (await api.Client.Post("/agent/tasks/survey/complete", token, completion)).Expect(201);
        var run = (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(200).Data;
        var payment = run.GetProperty("payment").GetProperty("payment_id").GetString()!;
        await api.Client.Deposit("text-provider");
        (await api.Client.Admin(HttpMethod.Post, $"/admin/payments/{payment}/refund", """{"amount_cents":10,"reason":"Half of it"}""", ("Idempotency-Key", "r1"))).Expect(200);
        var consent = (await api.Client.Get("/agent/consents", token)).Expect(200).Data.GetProperty("consents")[0].GetProperty("consent_id").GetString()!;
        (await api.Client.Send(HttpMethod.Delete, $"/agent/consents/{consent}", token)).Expect(200);

        var session = Assert.Single(await store.Select("SELECT * FROM agent_sessions"));
        var id = (string)session["id"]!;
        Assert.Equal(("agent-1", "user-1", 100m, 15m), (session["agent_id"], session["user_id"], Number(session["budget_limit_cents"]), Number(session["budget_spent_cents"])));
        var scopes = JsonDocument.Parse((string)session["scopes"]!).RootElement;
        Assert.Equal("*", scopes.GetProperty("task_types")[0].GetString());
        Assert.Equal(("*", "*", "*", 100m), (scopes.GetProperty("allowed_task_types")[0].GetString(), scopes.GetProperty("allowed_data_types")[0].GetString(), scopes.GetProperty("allowed_categories")[0].GetString(), scopes.GetProperty("budget_limit_cents").GetDecimal()));
        Assert.Equal(0, scopes.GetProperty("allowed_payees").GetArrayLength());
        Assert.True(Time(session["expires_at"]) > Time(session["created_at"]) && Convert.ToBoolean(session["active"], CultureInfo.InvariantCulture));
        Assert.Null(session["revoked_at"]);

        var paid = Assert.Single(await store.Select("SELECT * FROM payments"));
        Assert.Equal((payment, "agent-1", "user-1", id), (paid["id"], paid["agent_id"], paid["user_id"], paid["agent_session_id"]));
        Assert.Equal((25m, 0m, 10m), (Number(paid["amount_cents"]), Number(paid["fee_cents"]), Number(paid["refunded_cents"])));
        Assert.Equal(("summary", "survey", "text-provider", "sponsor", "agent", null), (paid["service_id"], paid["campaign_id"], paid["provider"], paid["source"], paid["execution_mode"], paid["tx_hash"]));
        Assert.Equal("summary", paid["service"]);
        Assert.True(Time(paid["settled_at"]) >= Time(paid["created_at"]));

        var audit = await store.Select("SELECT * FROM agent_audit_logs ORDER BY created_at");
        Assert.Equal(
            [("search", "find_services"), ("get_tasks", "list_tasks"), ("complete_task", "do_task"), ("run_service", "run_service"), ("withdraw_consent", "withdraw_consent")],
            audit.Select(entry => ((string)entry["operation"]!, (string)entry["stored_operation"]!)).Where(operation => operation.Item1 is "search" or "get_tasks" or "complete_task" or "run_service" or "withdraw_consent"));
        Assert.Equal("""{"service_id":"summary"}""", Json(audit.Single(entry => (string)entry["operation"]! == "run_service")["request_summary"]));
        Assert.Equal("""{"campaign_id":"survey"}""", Json(audit.Single(entry => (string)entry["operation"]! == "complete_task")["request_summary"]));
        Assert.Equal("{}", Json(audit.Single(entry => (string)entry["operation"]! == "search")["request_summary"]));
        Assert.All(audit, entry => Assert.Equal((id, "agent-1", "user-1", "agent"), (entry["agent_session_id"], entry["agent_id"], entry["user_id"], entry["execution_mode"])));
        Assert.All(audit, entry => Assert.True((long)entry["response_status"]! >= 200 && entry["endpoint"] is string && entry["request_summary"] is string));

        var done = Assert.Single(await store.Select("SELECT * FROM task_completions"));
        Assert.Equal(("survey", "user-1", "agent-1", id, "agent", "agent"), (done["campaign_id"], done["user_id"], done["agent_id"], done["agent_session_id"], done["execution_mode"], done["granted_via"]));
        Assert.Equal(("Product survey", done["completed_at"]), (done["task_name"], done["created_at"]));
        var details = JsonDocument.Parse((string)done["details"]!).RootElement;
        Assert.Equal("""["again","rating","why"]""", details.GetProperty("members").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(schema))), details.GetProperty("schema_sha256").GetString());

        var granted = Assert.Single(await store.Select("SELECT * FROM consents"));
        Assert.Equal((consent, "data_sharing", "user-1", "agent-1", id, "agent"), (granted["id"], granted["consent_type"], granted["user_id"], granted["agent_id"], granted["agent_session_id"], granted["granted_via"]));
        Assert.True(Time(granted["revoked_at"]) >= Time(granted["created_at"]) && !Convert.ToBoolean(granted["active"], CultureInfo.InvariantCulture));

        Assert.DoesNotContain(Name, string.Join('\n', done.Values), StringComparison.Ordinal);
        Assert.DoesNotContain(Rating, string.Join('\n', new[] { session, paid, done, granted }.Concat(audit).SelectMany(row => row.Values)), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_a_person_does_in_a_chat_is_a_persons_in_each_view(string name)
    {
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        await api.Client.Load();
        var chat = await Chat.SignIn(api.Client);
        (await chat.Get("/gpt/services")).Expect(200);
        (await chat.Post("/gpt/tasks/survey/complete", Support.Catalogue.Completion[1..^1])).Expect(201);
        (await chat.Post("/gpt/services/summary/run", Support.Catalogue.Input[1..^1])).Expect(200);

        foreach (var view in new[] { "agent_audit_logs", "task_completions", "payments" })
        {
            Assert.Equal(["human"], (await store.Select($"SELECT DISTINCT execution_mode FROM {view}")).Select(row => row["execution_mode"]));
        }

        Assert.Equal(["human"], (await store.Select("SELECT granted_via FROM consents")).Select(row => row["granted_via"]));
        Assert.Equal(["complete_task", "run_service"], (await store.Select("SELECT DISTINCT operation FROM agent_audit_logs WHERE operation IN ('complete_task', 'run_service') ORDER BY operation")).Select(row => row["operation"]));
    }

    /// <summary>SQLite leaves out what follows from other columns. PostgreSQL does with the next release, whose rows this one must read.</summary>
    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_rows_of_runs_leave_out_is_in_views_and_lists_as_if_they_had_it(string name)
    {
        const string LeavesOut = "operation IS NULL AND endpoint IS NULL AND request_summary IS NULL AND (payer_id IS NULL OR campaign_id IS NULL)";
        await using var store = await Store.Open(name);
        await using var api = await RunningApi.Start(store: store.Journal);
        await api.Client.Load();
        await api.Client.PutAgents("agent-2");
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":100}""", ("Idempotency-Key", "d1"))).Expect(200);
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(200);
        var payer = (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_payees":["*"],"budget_limit_cents":100}}"""))
            .Expect(201).Data.GetProperty("token").GetString()!;
        (await api.Client.Post("/agent/wallet/transfer", payer, """{"to":"agent:agent-2","amount_cents":5}""", ("Idempotency-Key", "t1"))).Expect(200);
        var before = await Shown();

        if (name == "postgres")
        {
            await store.Select($"UPDATE runs SET operation = NULL, endpoint = NULL, request_summary = NULL, payer_id = CASE WHEN campaign_id IS NULL THEN payer_id END");
        }

        Assert.Equal(2, (await store.Select($"SELECT 1 FROM runs WHERE {LeavesOut}")).Count);
        Assert.Equal(before, await Shown());
        Assert.Equal(
            [("run_service", "POST /agent/services/{service_id}/run", """{"service_id":"summary"}"""), ("transfer", "POST /agent/wallet/transfer", "{}")],
            (await store.Select("SELECT * FROM agent_audit_logs WHERE operation IN ('run_service', 'transfer') ORDER BY operation")).Select(row => (row["operation"], row["endpoint"], Json(row["request_summary"]))));
        Assert.Equal(["agent:agent-1", "survey"], (await store.Select("SELECT * FROM payments ORDER BY payer_id")).Select(row => row["payer_id"]));
        foreach (var (operation, count) in new[] { ("run_service", 1), ("transfer", 1), ("end_session", 0) })
        {
            Assert.Equal(count, (await api.Client.Admin(HttpMethod.Get, $"/admin/audit?operation={operation}")).Expect(200).Data.GetProperty("entries").GetArrayLength());
        }

        async Task<IReadOnlyList<string>> Shown() =>
        [
            (await api.Client.Admin(HttpMethod.Get, "/admin/audit?operation=run_service")).Expect(200).Data.GetRawText(),
            (await api.Client.Admin(HttpMethod.Get, "/admin/audit?operation=transfer")).Expect(200).Data.GetRawText(),
            (await api.Client.Admin(HttpMethod.Get, "/admin/payments")).Expect(200).Data.GetRawText(),
            (await api.Client.Get("/agent/runs", token)).Expect(200).Data.GetRawText(),
        ];
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_session_that_was_ended_is_revoked_and_one_whose_time_ran_out_is_not_active(string name)
    {
        await using var store = await Store.Open(name);
        await store.Journal.Write([Rows.Session(1, 0, ("closed_at", Rows.Start.AddSeconds(5).ToMicros())), Rows.Session(2, 0, ("expires_at", 1L))], default);

        var sessions = await store.Select("SELECT active, revoked_at FROM agent_sessions ORDER BY id");

        Assert.Equal([Rows.Start.AddSeconds(5), null], sessions.Select(session => session["revoked_at"] is { } at ? Time(at) : (DateTimeOffset?)null));
        Assert.All(sessions, session => Assert.False(Convert.ToBoolean(session["active"], CultureInfo.InvariantCulture)));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_a_delegated_session_spent_is_spent_of_those_above_it(string name)
    {
        await using var store = await Store.Open(name);
        await store.Journal.Write([Rows.Session(1, 0), Rows.Session(2, 0, ("parent_session_id", "s-0001"), ("depth", 2L)), Rows.Session(3, 0, ("parent_session_id", "s-0002"), ("depth", 3L))], default);
        await store.Journal.Write([Rows.Paid(1, 1, changed: ("session_id", "s-0001")), Rows.Paid(3, 1, changed: ("session_id", "s-0003"))], default);

        Assert.Equal([50m, 25m, 25m], (await store.Select("SELECT budget_spent_cents FROM agent_sessions ORDER BY id")).Select(row => Number(row["budget_spent_cents"])));
    }

    [Theory]
    [MemberData(nameof(EveryStore))]
    public async Task Totals_of_a_real_payment_are_its_days_with_what_came_back(string name)
    {
        await using var store = await Store.Open(name);
        await store.Journal.Write([Rows.Paid(1, 1), Rows.Paid(2, 90_000)], default);

        Assert.Equal(new DaySums(1, 250_000, 0), await PaymentTotals.Of(store.Journal, Tenant.Default, null, Rows.Start.AddDays(1), "provider", "text-provider", default));
        Assert.Equal(new DaySums(2, 500_000, 0), await PaymentTotals.Of(store.Journal, Tenant.Default, Rows.Start, null, "agent_id", "agent-1", default));
        Assert.Equal(new DaySums(1, 250_000, 0), await PaymentTotals.Of(store.Journal, Tenant.Default, Rows.Start.AddDays(1), Rows.Start.AddDays(2), null, null, default));
        Assert.Equal(default(DaySums), await PaymentTotals.Of(store.Journal, RunningApi.Second, null, null, "agent_id", "agent-1", default));
    }

    /// <summary>A platform chooses the keys of its runs, and another tenant's may choose the same.</summary>
    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_another_tenant_has_under_the_same_ids_is_in_no_row_of_a_view(string name)
    {
        await using var store = await Store.Open(name);
        await store.Journal.Write([Rows.Session(1, 0), Rows.Paid(1, 1, changed: ("session_id", "s-0001")), Rows.Completion(1, 1), Rows.Approval(1, 0, ("state", "approved"), ("decided_by", "ann")), Rows.Refund(1, "default", 10_000), Rows.Outline(1, "default", "Survey")], default);
        var before = await Shown();
        var paid = Assert.Single(await store.Select("SELECT * FROM payments"));
        Assert.Equal(("ann", 1m), (paid["approved_by"], Number(paid["refunded_cents"])));

        await store.Journal.Write([Rows.Approval(1, 0, ("tenant", "second"), ("state", "approved"), ("decided_by", "eve")), Rows.Refund(1, "second", 200_000), Rows.Outline(1, "second", "Another")], default);

        Assert.Equal(before, await Shown());

        async Task<string> Shown()
        {
            var views = new List<object>();
            foreach (var view in new[] { "agent_sessions", "agent_audit_logs", "task_completions", "payments" }) views.Add(await store.Select($"SELECT * FROM {view}"));
            return JsonSerializer.Serialize(views);
        }
    }

    public static TheoryData<string> EveryStore => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_summary_is_JSON_whatever_it_says(string name)
    {
        await using var store = await Store.Open(name);
        var summaries = new[] { "", "campaign_id=a service_id=b", "by=operator:\"x\"\\y", "15 or more requests above the rate", "cut o", "a=b=c =d" };
        await store.Journal.Write([.. summaries.Select((summary, n) => Rows.Called(n + 1, n, ("request_summary", summary)))], default);

        Assert.Equal(
            ["{}", """{"campaign_id":"a","service_id":"b"}""", """{"by":"operator:\"x\"\\y"}""", """{"requests_above_rate":"15"}""", "{}", """{"a":"b=c"}"""],
            (await store.Select("SELECT request_summary FROM agent_audit_logs ORDER BY created_at")).Select(row => Json(row["request_summary"])));
    }

    /// <summary>Members by their names: jsonb keeps an order of its own.</summary>
    private static string Json(object? value) => JsonSerializer.Serialize(
        new SortedDictionary<string, string>(JsonSerializer.Deserialize<Dictionary<string, string>>((string)value!)!, StringComparer.Ordinal), new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static decimal Number(object? value) => Convert.ToDecimal(value, CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(object? value) =>
        value is DateTime time ? new(time) : DateTimeOffset.Parse((string)value!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
