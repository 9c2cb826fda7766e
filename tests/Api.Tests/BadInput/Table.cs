using System.Text;
using static Agora.Api.Tests.BadInput.BadRequest;

namespace Agora.Api.Tests.BadInput;

/// <summary>Requests that are wrong, and the documented code of each. None is ever a 500, and none changes anything.</summary>
internal static class Table
{
    private const string Run = "/agent/services/summary/run";
    private const string Complete = "/agent/tasks/survey/complete";
    private const string Service = "/admin/services/bad";
    private const string Auth = "/agent/auth";
    private const string Delegate = "/agent/session/delegate";
    private const string MalformedRequest = "malformed_request";
    private const string ValidationFailed = "validation_failed";
    private const string Unauthorized = "unauthorized";

    public static IReadOnlyList<BadRequest> Requests { get; } =
        [.. Bodies(), .. Values(), .. Delegations(), .. Texts(), .. Ids(), .. Credentials(), .. Headers(), .. Queries(), .. Routes(), .. Definitions(), .. Edits(), .. Rewards(), .. Wallets(), .. Policies(), .. Approvals(), .. Refunds(), .. Lists()];

    private static IEnumerable<BadRequest> Bodies()
    {
        yield return Of("not JSON", As.Agent, "POST", Run, "input=text", 400, MalformedRequest);
        yield return Of("no body", As.Agent, "POST", Run, "", 422, ValidationFailed);
        yield return Of("no body, chunked", As.Agent, "POST", Run, "", 422, ValidationFailed) with { Chunked = true };
        yield return Of("two values", As.Agent, "POST", Run, """{"input":1} {}""", 400, MalformedRequest);
        yield return Of("comment", As.Agent, "POST", Run, """{"input":1/* one */}""", 400, MalformedRequest);
        yield return Of("trailing comma", As.Agent, "POST", Run, """{"input":1,}""", 400, MalformedRequest);
        yield return Of("NaN", As.Agent, "POST", Run, """{"input":NaN}""", 400, MalformedRequest);
        yield return Of("byte order mark", As.Agent, "POST", Run, "\uFEFF{\"input\":1}", 400, MalformedRequest);
        yield return new("bad UTF-8", As.Agent, "POST", Run, [.. "{\"input\":\""u8, 0xC3, 0x28, .. "\"}"u8], 400, MalformedRequest);
        yield return new("surrogate as UTF-8", As.Agent, "POST", Run, [.. "{\"input\":\""u8, 0xED, 0xA0, 0x80, .. "\"}"u8], 400, MalformedRequest);
        yield return Of("lone high surrogate", As.Agent, "POST", Run, """{"input":{"text":"\ud800"}}""", 400, MalformedRequest);
        yield return Of("lone low surrogate", As.Agent, "POST", Run, """{"input":{"text":"\udc00"}}""", 400, MalformedRequest);
        yield return Of("lone surrogate in a name", As.Agent, "POST", Run, """{"input":{"\ud83d":1}}""", 400, MalformedRequest);
        yield return Of("two high surrogates", As.Agent, "POST", Run, """{"input":"\ud83d\ud83d\ude00"}""", 400, MalformedRequest);
        yield return Of("member twice", As.Agent, "POST", Run, """{"input":1,"input":2}""", 400, MalformedRequest);
        yield return Of("member twice, once escaped", As.Agent, "POST", Run, """{"input":{"a":1,"\u0061":2}}""", 400, MalformedRequest);
        yield return Of("10,000 nested arrays", As.Agent, "POST", Run, new string('[', 10_000) + new string(']', 10_000), 400, MalformedRequest);
        yield return Of("nested 33 deep", As.Agent, "POST", Run, Nested(32), 400, MalformedRequest);
        yield return Of("1 MiB", As.Agent, "POST", Run, $$"""{"input":"{{new string('x', 1 << 20)}}"}""", 413, "payload_too_large");
        yield return Of("1 MiB chunked", As.Agent, "POST", Run, $$"""{"input":"{{new string('x', 1 << 20)}}"}""", 413, "payload_too_large") with { Chunked = true };
        yield return Of("form", As.Agent, "POST", Run, "{}", 415, "unsupported_media_type") with { ContentType = "application/x-www-form-urlencoded" };
        yield return Of("no content type", As.Agent, "POST", Run, "{}", 415, "unsupported_media_type") with { ContentType = null };
        yield return Of("UTF-16", As.Agent, "POST", Run, "{}", 415, "unsupported_media_type") with { ContentType = "application/json; charset=utf-16" };
        yield return Of("array for an object", As.Agent, "POST", Run, "[]", 422, ValidationFailed) with { Violation = ("", "type") };
        yield return Of("member on a route without any", As.Agent, "DELETE", "/agent/consents/c-1", """{"why":"no"}""", 422, ValidationFailed) with { Violation = ("/why", "additionalProperties") };

        static string Nested(int arrays) => $$"""{"input":{{new string('[', arrays)}}{{new string(']', arrays)}}}""";
    }

    private static IEnumerable<BadRequest> Values()
    {
        yield return Of("input missing", As.Agent, "POST", Run, "{}", 422, ValidationFailed) with { Violation = ("/input", "required") };
        yield return Of("misspelt limit", As.Agent, "POST", Run, """{"input":{"text":"t"},"max_price_cent":1}""", 422, ValidationFailed) with { Violation = ("/max_price_cent", "additionalProperties") };
        yield return Of("input against its schema", As.Agent, "POST", Run, """{"input":{"text":""}}""", 422, ValidationFailed) with { Violation = ("/input/text", "minLength") };
        yield return Of("1e400 in data", As.Agent, "POST", Run, """{"input":{"text":"t","n":1e400}}""", 422, ValidationFailed) with { Violation = ("/input/n", "maximum") };
        foreach (var (name, amount) in new[] { ("1e400", "1e400"), ("minus zero", "-0"), ("negative", "-5"), ("five decimals", "0.00001"), ("overflow", "100000000000.0001"), ("huge", "99999999999999999999999999") })
        {
            yield return Of($"amount: {name}", As.Agent, "POST", Run, $$"""{"input":{"text":"t"},"max_price_cents":{{amount}}}""", 422, ValidationFailed) with { Violation = ("/max_price_cents", "format") };
        }

        yield return Of("amount as a string", As.Agent, "POST", Run, """{"input":{"text":"t"},"max_price_cents":"5"}""", 422, ValidationFailed) with { Violation = ("/max_price_cents", "type") };
        yield return Of("output wrong in three places", As.Agent, "POST", Complete, """{"output":{"rating":9,"why":1,"again":"yes"},"consents":[{"type":"data_sharing","granted":true}]}""", 422, ValidationFailed) with { Violation = ("/output/why", "type") };
        yield return Of("consent missing", As.Agent, "POST", Complete, """{"output":{"rating":5,"why":"w","again":true},"consents":[]}""", 422, ValidationFailed) with { Violation = ("/consents", "required") };
        yield return Of("consent refused", As.Agent, "POST", Complete, """{"output":{"rating":5,"why":"w","again":true},"consents":[{"type":"data_sharing","granted":false}]}""", 422, ValidationFailed) with { Violation = ("/consents", "required") };
        yield return Of("consent not asked for", As.Agent, "POST", Complete, """{"output":{"rating":5,"why":"w","again":true},"consents":[{"type":"data_sharing","granted":true},{"type":"contact","granted":true}]}""", 422, ValidationFailed) with { Violation = ("/consents/1/type", "enum") };
        yield return Of("consent of a wrong type", As.Agent, "POST", Complete, """{"output":{"rating":5,"why":"w","again":true},"consents":[{"type":1,"granted":"yes"}]}""", 422, ValidationFailed) with { Violation = ("/consents/0/granted", "type") };
        yield return Of("expiry of 0", As.Platform, "POST", Auth, """{"agent_id":"agent-1","user_id":"user-1","expires_in_seconds":0}""", 422, ValidationFailed) with { Violation = ("/expires_in_seconds", "minimum") };
        yield return Of("expiry of 1.5", As.Platform, "POST", Auth, """{"agent_id":"agent-1","user_id":"user-1","expires_in_seconds":1.5}""", 422, ValidationFailed) with { Violation = ("/expires_in_seconds", "type") };
        yield return Of("scopes as a list", As.Platform, "POST", Auth, """{"agent_id":"agent-1","user_id":"user-1","scopes":[]}""", 422, ValidationFailed) with { Violation = ("/scopes", "type") };
        yield return Of("unknown scope", As.Platform, "POST", Auth, """{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_things":["*"]}}""", 422, ValidationFailed) with { Violation = ("/scopes/allowed_things", "additionalProperties") };
    }

    private static IEnumerable<BadRequest> Delegations()
    {
        yield return Of("delegation without an agent", As.Agent, "POST", Delegate, "{}", 422, ValidationFailed) with { Violation = ("/agent_id", "required") };
        yield return Of("delegation without a body", As.Agent, "POST", Delegate, "", 422, ValidationFailed);
        yield return Of("delegation to an id with a slash", As.Agent, "POST", Delegate, """{"agent_id":"a/b"}""", 400, MalformedRequest);
        yield return Of("delegation with a misspelt limit", As.Agent, "POST", Delegate, """{"agent_id":"agent-2","scopes":{"budget_limit_cent":1}}""", 422, ValidationFailed) with { Violation = ("/scopes/budget_limit_cent", "additionalProperties") };
        yield return Of("delegation of a user", As.Agent, "POST", Delegate, """{"agent_id":"agent-2","user_id":"user-2"}""", 422, ValidationFailed) with { Violation = ("/user_id", "additionalProperties") };
        yield return Of("delegation of a negative budget", As.Agent, "POST", Delegate, """{"agent_id":"agent-2","scopes":{"budget_limit_cents":-1}}""", 422, ValidationFailed) with { Violation = ("/scopes/budget_limit_cents", "format") };
        yield return Of("delegation for 0 seconds", As.Agent, "POST", Delegate, """{"agent_id":"agent-2","expires_in_seconds":0}""", 422, ValidationFailed) with { Violation = ("/expires_in_seconds", "minimum") };
        yield return Of("delegation beyond a day", As.Agent, "POST", Delegate, """{"agent_id":"agent-2","expires_in_seconds":86401}""", 422, ValidationFailed) with { Violation = ("/expires_in_seconds", "maximum") };
        yield return Of("delegation of a wider budget", As.Agent, "POST", Delegate, """{"agent_id":"agent-2","scopes":{"budget_limit_cents":100.0001}}""", 403, "grant_exceeded");
        yield return Of("delegation to oneself", As.Agent, "POST", Delegate, """{"agent_id":"agent-1"}""", 403, "grant_exceeded");
        yield return Of("delegation by a platform key", As.Platform, "POST", Delegate, """{"agent_id":"agent-2"}""", 401, Unauthorized);
        yield return Of("delegation with a key with a space", As.Agent, "POST", Delegate, """{"agent_id":"agent-2"}""", 400, MalformedRequest) with { Headers = [("Idempotency-Key", "a b")] };
        yield return Of("tree with a parameter", As.Agent, "GET", "/agent/session/tree?depth=2", null, 422, ValidationFailed) with { Violation = ("depth", "additionalProperties") };
    }

    private static IEnumerable<BadRequest> Texts()
    {
        foreach (var (name, text) in new[] { ("NUL", @"a\u0000b"), ("bidi override", @"a\u202Eb"), ("zero-width space", @"a\u200Bb"), ("line feed", @"a\nb"), ("word joiner", @"a\u2060b"), ("Hangul filler", @"a\u3164b"), ("tag character", @"a\udb40\udc41b") })
        {
            yield return Of($"displayed text: {name}", As.Operator, "PUT", Service, Definition("name", $"\"{text}\""), 422, ValidationFailed) with { Violation = ("/name", "pattern") };
        }

        yield return Of("displayed text: blank", As.Operator, "PUT", Service, Definition("name", "\"  \""), 422, ValidationFailed) with { Violation = ("/name", "minLength") };
        yield return Of("displayed text: too long", As.Operator, "PUT", Service, Definition("name", $"\"{new string('n', 201)}\""), 422, ValidationFailed) with { Violation = ("/name", "maxLength") };
        yield return Of("description with a bidi character", As.Operator, "PUT", Service, Definition("description", @"""\u2067"""), 422, ValidationFailed) with { Violation = ("/description", "pattern") };
    }

    private static IEnumerable<BadRequest> Ids()
    {
        foreach (var (name, id) in new[] { ("encoded slash", "a%2Fb"), ("encoded control", "a%01b"), ("leading dot", "..a"), ("space", "a%20b"), ("not ASCII", "%C3%A9"), ("129 characters", new string('a', 129)) })
        {
            yield return Of($"id: {name}", As.Agent, "GET", $"/agent/tasks/{id}", null, 400, MalformedRequest);
        }

        yield return Of("id in a body: slash", As.Agent, "POST", Run, """{"input":{"text":"t"},"campaign_id":"a/b"}""", 400, MalformedRequest);
        yield return Of("id in a body: 10 KB", As.Platform, "POST", Auth, $$"""{"agent_id":"{{new string('a', 10_000)}}","user_id":"user-1"}""", 400, MalformedRequest);
        yield return Of("id in a body: empty", As.Platform, "POST", Auth, """{"agent_id":"","user_id":"user-1"}""", 400, MalformedRequest);
        yield return Of("id in a body: a number", As.Platform, "POST", Auth, """{"agent_id":1,"user_id":"user-1"}""", 422, ValidationFailed) with { Violation = ("/agent_id", "type") };
    }

    private static IEnumerable<BadRequest> Credentials()
    {
        yield return Of("no token", As.Nobody, "GET", "/agent/services", null, 401, Unauthorized);
        yield return Of("no token, bad body", As.Nobody, "POST", Run, "nonsense", 401, Unauthorized);
        yield return Of("platform key as a token", As.Platform, "GET", "/agent/services", null, 401, Unauthorized);
        yield return Of("forged token", As.Agent, "GET", "/agent/services", null, 401, Unauthorized) with { Credential = token => token[..^1] + (token[^1] == 'A' ? 'E' : 'A') };
        yield return Of("truncated token", As.Agent, "GET", "/agent/services", null, 401, Unauthorized) with { Credential = token => token[..^1] };
        yield return Of("longer token", As.Agent, "GET", "/agent/services", null, 401, Unauthorized) with { Credential = token => token + "A" };
        yield return Of("token with padding", As.Agent, "GET", "/agent/services", null, 401, Unauthorized) with { Credential = token => token + "=" };
        yield return Of("token of another expiry", As.Agent, "GET", "/agent/services", null, 401, Unauthorized) with { Credential = token => token.Replace(".1", ".2", StringComparison.Ordinal) };
        yield return Of("token with a zero before its expiry", As.Agent, "GET", "/agent/services", null, 401, Unauthorized) with { Credential = token => string.Join(".0", token.Split('.', 2)) };
        yield return Of("wrong key", As.Nobody, "POST", Auth, """{"agent_id":"agent-1","user_id":"user-1"}""", 401, Unauthorized) with { Credential = _ => "wrong" };
        yield return Of("forged key", As.Nobody, "POST", Auth, """{"agent_id":"agent-1","user_id":"user-1"}""", 401, Unauthorized) with { Credential = _ => "agk2_live_default.agent-1.AAAA.AAAA" };
        yield return Of("key of nobody", As.Nobody, "POST", Auth, """{"agent_id":"agent-1","user_id":"user-1"}""", 401, Unauthorized) with { Credential = _ => "agk_agent-1.AAAA" };
        yield return Of("wrong operator's key", As.Nobody, "GET", "/admin/users", null, 401, Unauthorized) with { Credential = _ => "wrong" };
        yield return Of("token as an operator's key", As.Agent, "GET", "/admin/users", null, 401, Unauthorized);
        yield return Of("unvouched without a budget", As.Platform, "POST", Auth, """{"agent_id":"agent-1","user_id":"user-2"}""", 422, ValidationFailed);
    }

    private static IEnumerable<BadRequest> Headers()
    {
        const string fund = "/admin/campaigns/survey/fund";
        yield return Of("fund without a key", As.Operator, "POST", fund, """{"amount_cents":1}""", 422, ValidationFailed) with { Violation = ("Idempotency-Key", "required") };
        yield return Of("close without a key", As.Operator, "POST", "/admin/campaigns/survey/close", null, 422, ValidationFailed) with { Violation = ("Idempotency-Key", "required") };
        yield return Of("key with a space", As.Operator, "POST", fund, """{"amount_cents":1}""", 400, MalformedRequest) with { Headers = [("Idempotency-Key", "a b")] };
        yield return Of("key of 256 characters", As.Operator, "POST", fund, """{"amount_cents":1}""", 400, MalformedRequest) with { Headers = [("Idempotency-Key", new string('k', 256))] };
        yield return Of("key of another body", As.Operator, "POST", fund, """{"amount_cents":1}""", 409, "idempotency_conflict") with { Headers = [("Idempotency-Key", "fund-1")] };
        yield return Of("fund with 0", As.Operator, "POST", fund, """{"amount_cents":0}""", 422, ValidationFailed) with { Headers = [("Idempotency-Key", "zero")], Violation = ("/amount_cents", "exclusiveMinimum") };
        yield return Of("fund nobody", As.Operator, "POST", "/admin/campaigns/none/fund", """{"amount_cents":1}""", 404, "not_found") with { Headers = [("Idempotency-Key", "none")] };
    }

    private static IEnumerable<BadRequest> Queries()
    {
        foreach (var (query, parameter) in new[] { ("offset=-1", "offset"), ("limit=0", "limit"), ("limit=101", "limit"), ("limit=ten", "limit"), ("offset=1.5", "offset"), ("limit=%2B5x", "limit") })
        {
            yield return Of($"query: {query}", As.Agent, "GET", $"/agent/services?{query}", null, 422, ValidationFailed) with { Violation = (parameter, "range") };
        }

        yield return Of("query: unknown", As.Agent, "GET", "/agent/services?max_price=5", null, 422, ValidationFailed) with { Violation = ("max_price", "additionalProperties") };
        yield return Of("query: twice", As.Agent, "GET", "/agent/services?limit=1&limit=2", null, 422, ValidationFailed) with { Violation = ("limit", "uniqueItems") };
        yield return Of("query: amount", As.Agent, "GET", "/agent/services?max_price_cents=-1", null, 422, ValidationFailed) with { Violation = ("max_price_cents", "format") };
        yield return Of("query: flag", As.Agent, "GET", "/agent/services?sponsored=yes", null, 422, ValidationFailed) with { Violation = ("sponsored", "enum") };
        yield return Of("query: time", As.Agent, "GET", "/agent/audit/history?from=yesterday", null, 422, ValidationFailed) with { Violation = ("from", "format") };
        yield return Of("query: time without offset", As.Agent, "GET", "/agent/audit/history?from=2030-01-01T00:00:00", null, 422, ValidationFailed) with { Violation = ("from", "format") };
        yield return Of("query: a day that there is not", As.Operator, "GET", "/admin/payments?from=2030-02-30", null, 422, ValidationFailed) with { Violation = ("from", "format") };
        yield return Of("query: status", As.Agent, "GET", "/agent/audit/history?response_status=20", null, 422, ValidationFailed) with { Violation = ("response_status", "range") };
        yield return Of("query: a cursor of nothing", As.Agent, "GET", "/agent/audit/history?cursor=abc", null, 422, ValidationFailed) with { Violation = ("cursor", "pattern") };
        yield return Of("query: a code that is none", As.Operator, "GET", "/admin/refusals?code=none", null, 422, ValidationFailed) with { Violation = ("code", "enum") };
        yield return Of("query: from after to", As.Operator, "GET", "/admin/refusals?from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z", null, 422, ValidationFailed) with { Violation = ("from", "maximum") };
        yield return Of("query: operators' page", As.Operator, "GET", "/admin/users?limit=101", null, 422, ValidationFailed) with { Violation = ("limit", "range") };
    }

    private static IEnumerable<BadRequest> Routes()
    {
        yield return Of("no such route", As.Nobody, "GET", "/nothing", null, 404, "not_found");
        yield return Of("no such method", As.Nobody, "PATCH", "/agent/services", "{}", 405, "method_not_allowed");
        yield return Of("no such service", As.Agent, "POST", "/agent/services/none/run", """{"input":1}""", 404, "not_found");
        yield return Of("no such campaign named", As.Agent, "POST", Run, """{"input":{"text":"t"},"campaign_id":"none"}""", 404, "not_found");
        yield return Of("no such task", As.Agent, "GET", "/agent/tasks/none", null, 404, "not_found");
        yield return Of("no such task to do", As.Agent, "POST", "/agent/tasks/none/complete", """{"output":1}""", 404, "not_found");
        yield return Of("no such run", As.Agent, "GET", "/agent/runs/0198c0de-0000-7000-8000-000000000000", null, 404, "not_found");
        yield return Of("a run that is no UUID", As.Agent, "GET", "/agent/runs/seven", null, 404, "not_found");
        yield return Of("no such consent", As.Agent, "DELETE", "/agent/consents/none", null, 404, "not_found");
        yield return Of("no such session", As.Operator, "GET", "/admin/sessions/none", null, 404, "not_found");
        yield return Of("no such session to suspend", As.Operator, "POST", "/admin/sessions/none/suspend", """{"reason":"r"}""", 404, "not_found");
        yield return Of("no such campaign", As.Operator, "GET", "/admin/campaigns/none", null, 404, "not_found");
        yield return Of("completions of no such campaign", As.Operator, "GET", "/admin/campaigns/none/completions", null, 404, "not_found");
        yield return Of("no such agent's key", As.Operator, "DELETE", "/admin/agents/agent-1/keys/none", null, 404, "not_found");
    }

    private static IEnumerable<BadRequest> Edits()
    {
        const string Patched = "/admin/services/summary";
        yield return Of("patch as an array", As.Operator, "PATCH", Patched, "[]", 422, ValidationFailed) with { Violation = ("", "type") };
        yield return Of("patch as an array of operations", As.Operator, "PATCH", Patched, """[{"op":"remove","path":"/name"}]""", 415, "unsupported_media_type") with { ContentType = "application/json-patch+json" };
        yield return Of("patch as a number", As.Operator, "PATCH", Patched, "1", 422, ValidationFailed) with { Violation = ("", "type") };
        yield return Of("patch as null", As.Operator, "PATCH", Patched, "null", 422, ValidationFailed) with { Violation = ("", "type") };
        yield return Of("patch of 2 MB", As.Operator, "PATCH", Patched, $$"""{"name":"{{new string('x', 2 << 20)}}"}""", 413, "payload_too_large") with { ContentType = "application/merge-patch+json" };
        yield return Of("patch of 2 MB, chunked", As.Operator, "PATCH", Patched, $$"""{"name":"{{new string('x', 2 << 20)}}"}""", 413, "payload_too_large") with { Chunked = true };
        yield return Of("patch with null where null is no value", As.Operator, "PATCH", Patched, """{"name":null}""", 422, ValidationFailed) with { Violation = ("/name", "required") };
        yield return Of("patch with null of a price, which one of two must be", As.Operator, "PATCH", Patched, """{"price_cents":null}""", 422, ValidationFailed) with { Violation = ("", "oneOf") };
        yield return Of("patch with null of a task's schema", As.Operator, "PATCH", "/admin/campaigns/survey", """{"task":{"schema":null}}""", 422, ValidationFailed) with { Violation = ("/task/schema", "type") };
        yield return Of("patch with null within a list", As.Operator, "PATCH", "/admin/campaigns/survey", """{"services":[null]}""", 422, ValidationFailed) with { Violation = ("/services/0", "type") };
        yield return Of("patch of a misspelt member", As.Operator, "PATCH", Patched, """{"timeout":1}""", 422, ValidationFailed) with { Violation = ("/timeout", "additionalProperties") };
        yield return Of("patch that removes a misspelt member", As.Operator, "PATCH", Patched, """{"timeout":null}""", 422, ValidationFailed) with { Violation = ("/timeout", "additionalProperties") };
        yield return Of("patch that removes a misspelt member further in", As.Operator, "PATCH", "/admin/campaigns/survey", """{"task":{"data_type":null}}""", 422, ValidationFailed) with { Violation = ("/task/data_type", "additionalProperties") };
        yield return Of("patch with a member twice", As.Operator, "PATCH", Patched, """{"name":"a","name":"b"}""", 400, MalformedRequest);
        yield return Of("patch of a wrong type", As.Operator, "PATCH", Patched, """{"price_cents":"1"}""", 422, ValidationFailed) with { Violation = ("/price_cents", "type") };
        yield return Of("patch of what is shown beside the definition", As.Operator, "PATCH", Patched, """{"overcharges":0}""", 422, ValidationFailed) with { Violation = ("/overcharges", "additionalProperties") };
        yield return Of("patch with a parameter", As.Operator, "PATCH", $"{Patched}?force=true", "{}", 422, ValidationFailed) with { Violation = ("force", "additionalProperties") };
        yield return Of("patch of a user that is not there", As.Operator, "PATCH", "/admin/users/none", "{}", 404, "not_found");
        yield return Of("time zone under one of its countless other spellings", As.Operator, "PUT", "/admin/users/user-1", """{"time_zone":"Europe//Berlin"}""", 422, ValidationFailed) with { Violation = ("/time_zone", "format") };
        yield return Of("patch of a grant that is not there", As.Operator, "PATCH", "/admin/users/user-1/grants/none", "{}", 404, "not_found");
        yield return Of("patch of an id with a slash", As.Operator, "PATCH", "/admin/users/a%2Fb", "{}", 400, MalformedRequest);
        yield return Of("no such user", As.Operator, "GET", "/admin/users/none", null, 404, "not_found");
        yield return Of("no such grant", As.Operator, "GET", "/admin/users/user-1/grants/none", null, 404, "not_found");
        yield return Of("no such service to read", As.Operator, "GET", "/admin/services/none", null, 404, "not_found");
        foreach (var (name, tags) in new[] { ("without quotes", "abc"), ("open", "\"abc"), ("empty", ""), ("any and one", "*, \"abc\""), ("too long", $"\"{new string('a', 1_023)}\"") })
        {
            yield return Of($"If-Match {name}", As.Operator, "PATCH", Patched, "{}", 400, MalformedRequest) with { Headers = [("If-Match", tags)] };
            yield return Of($"If-None-Match {name}", As.Operator, "GET", Patched, null, 400, MalformedRequest) with { Headers = [("If-None-Match", tags)] };
        }

        foreach (var (name, tag) in new[] { ("old", "\"pM0vWFVOQHyzRZw9OQ0sXw\""), ("weak", "W/\"pM0vWFVOQHyzRZw9OQ0sXw\"") })
        {
            yield return Of($"If-Match that is {name}, of a patch", As.Operator, "PATCH", Patched, "{}", 412, "precondition_failed") with { Headers = [("If-Match", tag)] };
            yield return Of($"If-Match that is {name}, of a put", As.Operator, "PUT", "/admin/agents/agent-1", "{}", 412, "precondition_failed") with { Headers = [("If-Match", tag)] };
        }

        yield return Of("put of what is there already", As.Operator, "PUT", "/admin/campaigns/survey", """{"sponsor":"S","task":{"name":"n","type":"t","description":"","schema":true},"services":[]}""", 412, "precondition_failed") with { Headers = [("If-None-Match", "*")] };
        yield return Of("wrong content before what is expected", As.Operator, "PUT", "/admin/campaigns/survey", "{}", 422, ValidationFailed) with { Headers = [("If-None-Match", "*")] };
    }

    private static IEnumerable<BadRequest> Definitions()
    {
        yield return Of("endpoint of another scheme", As.Operator, "PUT", Service, Definition("endpoint", "\"ftp://a.example\""), 422, ValidationFailed) with { Violation = ("/endpoint", "format") };
        yield return Of("endpoint with a user", As.Operator, "PUT", Service, Definition("endpoint", "\"https://u:p@a.example\""), 422, ValidationFailed) with { Violation = ("/endpoint", "format") };
        yield return Of("schema that is none", As.Operator, "PUT", Service, Definition("input_schema", """{"type":"text"}"""), 422, ValidationFailed) with { Violation = ("/input_schema/type", "") };
        yield return Of("schema as a string", As.Operator, "PUT", Service, Definition("input_schema", "\"object\""), 422, ValidationFailed) with { Violation = ("/input_schema", "type") };
        foreach (var signed in (string[])["Signature", "signature-input", "Content-Digest", "Cookie", "Agora-Max-Cost-Cents", "agora-try"])
        {
            yield return Of($"header {signed} that the call sets itself", As.Operator, "PUT", Service, Definition("auth", $$"""{"header":"{{signed}}","secret":"s"}"""), 422, ValidationFailed) with { Violation = ("/auth/header", "format") };
        }

        yield return Of("header that the call sets itself", As.Operator, "PUT", Service, Definition("auth", """{"header":"Host","secret":"s"}"""), 422, ValidationFailed) with { Violation = ("/auth/header", "format") };
        yield return Of("timeout of 20001", As.Operator, "PUT", Service, Definition("timeout_ms", "20001"), 422, ValidationFailed) with { Violation = ("/timeout_ms", "maximum") };
        yield return Of("campaign that asks for an unknown consent", As.Operator, "PUT", "/admin/campaigns/bad", """{"sponsor":"S","task":{"name":"n","type":"t","description":"","schema":true,"consents":["soul"]},"services":[]}""", 422, ValidationFailed) with { Violation = ("/task/consents", "enum") };
        yield return Of("campaign that ends before it starts", As.Operator, "PUT", "/admin/campaigns/bad", """{"sponsor":"S","task":{"name":"n","type":"t","description":"","schema":true},"services":[],"starts_at":"2030-01-02T00:00:00Z","ends_at":"2030-01-01T00:00:00Z"}""", 422, ValidationFailed) with { Violation = ("/ends_at", "minimum") };
        yield return Of("campaign without a task", As.Operator, "PUT", "/admin/campaigns/bad", """{"sponsor":"S","services":[]}""", 422, ValidationFailed) with { Violation = ("/task", "required") };
        yield return Of("time zone of nowhere", As.Operator, "PUT", "/admin/users/user-9", """{"time_zone":"Mars/Olympus"}""", 422, ValidationFailed) with { Violation = ("/time_zone", "format") };
        yield return Of("time zone of the machine", As.Operator, "PUT", "/admin/users/user-9", """{"time_zone":"localtime"}""", 422, ValidationFailed) with { Violation = ("/time_zone", "format") };
        yield return Of("time zone with leap seconds", As.Operator, "PUT", "/admin/users/user-9", """{"time_zone":"right/UTC"}""", 422, ValidationFailed) with { Violation = ("/time_zone", "format") };
        yield return Of("attribute of a wrong type", As.Operator, "PUT", "/admin/users/user-9", """{"attributes":{"age":7}}""", 422, ValidationFailed) with { Violation = ("/attributes/age", "type") };
        yield return Of("cap of a service that says nothing", As.Operator, "PUT", "/admin/users/user-9", """{"per_service":{"summary":{}}}""", 422, ValidationFailed) with { Violation = ("/per_service/summary", "minProperties") };
        yield return Of("cap of a service with a misspelt member", As.Operator, "PUT", "/admin/users/user-9", """{"per_service":{"summary":{"daily_cap":5}}}""", 422, ValidationFailed) with { Violation = ("/per_service/summary/daily_cap", "additionalProperties") };
        yield return Of("cap of a service that is no object", As.Operator, "PUT", "/admin/users/user-9", """{"per_service":{"summary":5}}""", 422, ValidationFailed) with { Violation = ("/per_service/summary", "type") };
        yield return Of("cap of no service's id", As.Operator, "PUT", "/admin/users/user-9", """{"per_service":{"a b":{"daily_cap_cents":5}}}""", 422, ValidationFailed) with { Violation = ("/per_service/a b", "propertyNames") };
        yield return Of("cap of a category twice", As.Operator, "PUT", "/admin/users/user-9", """{"per_category":{"text":{"daily_cap_cents":5},"TEXT":{"daily_cap_cents":6}}}""", 422, ValidationFailed) with { Violation = ("/per_category", "uniqueItems") };
        yield return Of("cap of all categories", As.Operator, "PUT", "/admin/users/user-9", """{"per_category":{"*":{"daily_cap_cents":5}}}""", 422, ValidationFailed) with { Violation = ("/per_category/*", "propertyNames") };
        yield return Of("cap of all services", As.Operator, "PATCH", "/admin/users/user-1", """{"per_service":{"*":{"daily_cap_cents":5}}}""", 422, ValidationFailed) with { Violation = ("/per_service/*", "propertyNames") };
        yield return Of("caps of too many services", As.Operator, "PUT", "/admin/users/user-9", "{\"per_service\":{" + string.Join(',', Enumerable.Range(0, 33).Select(n => $"\"s{n}\":{{\"daily_cap_cents\":5}}")) + "}}", 422, ValidationFailed) with { Violation = ("/per_service", "maxProperties") };
        yield return Of("grant without scopes", As.Operator, "PUT", "/admin/users/user-9/grants/agent-1", "{}", 422, ValidationFailed) with { Violation = ("/scopes", "required") };
        yield return Of("suspension without a reason", As.Operator, "POST", "/admin/sessions/none/suspend", "{}", 422, ValidationFailed) with { Violation = ("/reason", "required") };
    }

    private static IEnumerable<BadRequest> Policies()
    {
        const string replay = "/admin/policies/replay";
        const string cap = """{"daily_cap_cents":1}""";
        yield return Of("replay without anything", As.Operator, "POST", replay, "{}", 422, ValidationFailed) with { Violation = ("/changes", "required") };
        yield return Of("replay without a time", As.Operator, "POST", replay, $$"""{"to":"2030-01-01T00:00:00Z","changes":[{{cap}}]}""", 422, ValidationFailed) with { Violation = ("/from", "required") };
        yield return Of("replay of a time without an offset", As.Operator, "POST", replay, With("2020-01-01T00:00:00", [cap]), 422, ValidationFailed) with { Violation = ("/from", "format") };
        yield return Of("replay that ends when it starts", As.Operator, "POST", replay, With("2040-01-01T00:00:00Z", [cap]), 422, ValidationFailed) with { Violation = ("/to", "minimum") };
        yield return Of("replay of no change", As.Operator, "POST", replay, Body(), 422, ValidationFailed) with { Violation = ("/changes", "minItems") };
        yield return Of("replay of 21 changes", As.Operator, "POST", replay, Body([.. Enumerable.Repeat(cap, 21)]), 422, ValidationFailed) with { Violation = ("/changes", "maxItems") };
        yield return Of("change that is no object", As.Operator, "POST", replay, Body("1"), 422, ValidationFailed) with { Violation = ("/changes/0", "type") };
        yield return Of("change of nothing", As.Operator, "POST", replay, Body(cap, """{"user_id":"user-1"}"""), 422, ValidationFailed) with { Violation = ("/changes/1/daily_cap_cents", "anyOf") };
        yield return Of("misspelt change", As.Operator, "POST", replay, Body("""{"daily_cap_cents":1,"monthly_cap":1}"""), 422, ValidationFailed) with { Violation = ("/changes/0/monthly_cap", "additionalProperties") };
        yield return Of("user's cap for one agent", As.Operator, "POST", replay, Body("""{"agent_id":"agent-1","monthly_cap_cents":1}"""), 422, ValidationFailed) with { Violation = ("/changes/0/monthly_cap_cents", "dependentSchemas") };
        yield return Of("negative budget", As.Operator, "POST", replay, Body("""{"budget_limit_cents":-1}"""), 422, ValidationFailed) with { Violation = ("/changes/0/budget_limit_cents", "format") };
        yield return Of("category twice", As.Operator, "POST", replay, Body("""{"allowed_categories":["text","text"]}"""), 422, ValidationFailed) with { Violation = ("/changes/0/allowed_categories", "uniqueItems") };
        yield return Of("change for a malformed user", As.Operator, "POST", replay, Body("""{"user_id":"a/b","daily_cap_cents":1}"""), 400, MalformedRequest);
        yield return Of("replay from a malformed user on", As.Operator, "POST", replay, Body(cap).Replace("\"changes\"", "\"first_user_id\":\"..\",\"changes\"", StringComparison.Ordinal), 400, MalformedRequest);
        yield return Of("replay's page of 101", As.Operator, "POST", replay, Body(cap).Replace("\"changes\"", "\"limit\":101,\"changes\"", StringComparison.Ordinal), 422, ValidationFailed) with { Violation = ("/limit", "maximum") };
        yield return Of("replay with a query", As.Operator, "POST", replay + "?limit=1", Body(cap), 422, ValidationFailed) with { Violation = ("limit", "additionalProperties") };
        yield return Of("replay by an agent", As.Agent, "POST", replay, Body(cap), 401, Unauthorized);

        static string Body(params IEnumerable<string> changes) => With("2020-01-01T00:00:00Z", changes);
        static string With(string from, IEnumerable<string> changes) => $$"""{"from":"{{from}}","to":"2030-01-01T00:00:00Z","changes":[{{string.Join(',', changes)}}]}""";
    }

    private static IEnumerable<BadRequest> Rewards()
    {
        const string claim = "/agent/tasks/survey/claim";
        const string rewards = "/admin/campaigns/survey/rewards";
        const string unknown = $"{rewards}/0198c0de-0000-7000-8000-000000000000";
        yield return Of("claim of a task without a reward", As.Agent, "POST", claim, null, 403, "not_eligible");
        yield return Of("claim of no such task", As.Agent, "POST", "/agent/tasks/none/claim", null, 404, "not_found");
        yield return Of("claim with a member", As.Agent, "POST", claim, """{"reward_cents":5}""", 422, ValidationFailed) with { Violation = ("/reward_cents", "additionalProperties") };
        yield return Of("claim that is no JSON", As.Agent, "POST", claim, "{", 400, MalformedRequest);
        yield return Of("claim without a token", As.Nobody, "POST", claim, null, 401, Unauthorized);
        yield return Of("claim of an id of a wrong form", As.Agent, "POST", "/agent/tasks/a%20b/claim", null, 400, MalformedRequest);
        foreach (var act in new[] { "dispute", "release", "return" })
        {
            yield return Of($"{act} without a reason", As.Operator, "POST", $"{unknown}/{act}", "{}", 422, ValidationFailed) with { Violation = ("/reason", "required") };
            yield return Of($"{act} with a hidden character", As.Operator, "POST", $"{unknown}/{act}", """{"reason":"a\u202Eb"}""", 422, ValidationFailed) with { Violation = ("/reason", "pattern") };
            yield return Of($"{act} of no reward", As.Operator, "POST", $"{unknown}/{act}", """{"reason":"Odd."}""", 404, "not_found");
            yield return Of($"{act} of what is no completion", As.Operator, "POST", $"{rewards}/none/{act}", """{"reason":"Odd."}""", 404, "not_found");
            yield return Of($"{act} by an agent", As.Agent, "POST", $"{unknown}/{act}", """{"reason":"Odd."}""", 401, Unauthorized);
        }

        yield return Of("rewards of no such campaign", As.Operator, "GET", "/admin/campaigns/none/rewards", null, 404, "not_found");
        yield return Of("rewards from a wrong offset", As.Operator, "GET", $"{rewards}?offset=-1", null, 422, ValidationFailed) with { Violation = ("offset", "") };
        yield return Of("reward that is negative", As.Operator, "PUT", "/admin/campaigns/bad", Paying("\"reward_cents\":-1"), 422, ValidationFailed) with { Violation = ("/reward_cents", "format") };
        yield return Of("reward of 2^63", As.Operator, "PUT", "/admin/campaigns/bad", Paying("\"reward_cents\":9223372036854775808"), 422, ValidationFailed) with { Violation = ("/reward_cents", "format") };
        yield return Of("payout delay of more than 30 days", As.Operator, "PUT", "/admin/campaigns/bad", Paying("\"payout_delay_seconds\":2592001"), 422, ValidationFailed) with { Violation = ("/payout_delay_seconds", "maximum") };
        yield return Of("payout delay that is negative", As.Operator, "PUT", "/admin/campaigns/bad", Paying("\"payout_delay_seconds\":-1"), 422, ValidationFailed) with { Violation = ("/payout_delay_seconds", "minimum") };
        yield return Of("allow_related as text", As.Operator, "PUT", "/admin/campaigns/bad", Paying("\"allow_related\":\"yes\""), 422, ValidationFailed) with { Violation = ("/allow_related", "type") };
        yield return Of("owner of an agent that is no id", As.Operator, "PUT", "/admin/agents/agent-1", """{"owner":"a b"}""", 400, MalformedRequest);
        yield return Of("agent with a misspelt member", As.Operator, "PUT", "/admin/agents/agent-1", """{"owned_by":"acme"}""", 422, ValidationFailed) with { Violation = ("/owned_by", "additionalProperties") };
        yield return Of("no such agent", As.Operator, "GET", "/admin/agents/nobody", null, 404, "not_found");

        static string Paying(string member) => $$"""{"sponsor":"S","task":{"name":"n","type":"t","description":"","schema":true},"services":[],{{member}}}""";
    }

    private static IEnumerable<BadRequest> Wallets()
    {
        const string wallet = "/admin/wallets/agent:agent-1";
        foreach (var act in new[] { "deposit", "withdraw" })
        {
            yield return Of($"{act} without a key", As.Operator, "POST", $"{wallet}/{act}", """{"amount_cents":1}""", 422, ValidationFailed) with { Violation = ("Idempotency-Key", "required") };
            foreach (var (name, cents, keyword) in new[] { ("of 0", "0", "exclusiveMinimum"), ("of a negative amount", "-1", "format"), ("of 2^63", "9223372036854775808", "format"), ("with 5 decimals", "1.00001", "format"), ("with an exponent that is too large", "1e17", "format"), ("of text", "\"1\"", "type") })
            {
                yield return Of($"{act} {name}", As.Operator, "POST", $"{wallet}/{act}", $$"""{"amount_cents":{{cents}}}""", 422, ValidationFailed) with { Headers = [("Idempotency-Key", $"{act} {name}".Replace(' ', '-'))], Violation = ("/amount_cents", keyword) };
            }

            yield return Of($"{act} with a hidden character", As.Operator, "POST", $"{wallet}/{act}", """{"amount_cents":1,"memo":"a\u202Eb"}""", 422, ValidationFailed) with { Headers = [("Idempotency-Key", $"{act}-memo")], Violation = ("/memo", "pattern") };
            yield return Of($"{act} with a misspelt member", As.Operator, "POST", $"{wallet}/{act}", """{"amount_cents":1,"note":"a"}""", 422, ValidationFailed) with { Headers = [("Idempotency-Key", $"{act}-note")], Violation = ("/note", "additionalProperties") };
            yield return Of($"{act} of the world's", As.Operator, "POST", $"/admin/wallets/world/{act}", """{"amount_cents":1}""", 404, "not_found") with { Headers = [("Idempotency-Key", $"{act}-world")] };
            yield return Of($"{act} by an agent", As.Agent, "POST", $"{wallet}/{act}", """{"amount_cents":1}""", 401, Unauthorized);
        }

        yield return Of("withdraw from an empty wallet", As.Operator, "POST", "/admin/wallets/nobody/withdraw", """{"amount_cents":1}""", 402, "payment_required") with { Headers = [("Idempotency-Key", "empty")] };
        yield return Of("deposit of more than a wallet may hold", As.Operator, "POST", $"{wallet}/deposit", """{"amount_cents":100000000000.0001}""", 422, ValidationFailed) with { Headers = [("Idempotency-Key", "much")], Violation = ("/amount_cents", "format") };
        yield return Of("no such wallet", As.Operator, "GET", "/admin/wallets/nobody", null, 404, "not_found");
        yield return Of("statement of no such wallet", As.Operator, "GET", "/admin/wallets/nobody/statement", null, 404, "not_found");
        yield return Of("statement of the world", As.Operator, "GET", "/admin/wallets/world/statement", null, 404, "not_found");
        yield return Of("wallet of a wrong form", As.Operator, "GET", "/admin/wallets/a%20b", null, 400, MalformedRequest);
        yield return Of("statement from a time that is none", As.Agent, "GET", "/agent/wallet/statement?from=yesterday", null, 422, ValidationFailed) with { Violation = ("from", "format") };
        yield return Of("statement from after to", As.Agent, "GET", "/agent/wallet/statement?from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z", null, 422, ValidationFailed) with { Violation = ("from", "maximum") };
        yield return Of("operators' statement from after to", As.Operator, "GET", $"{wallet}/statement?from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z", null, 422, ValidationFailed) with { Violation = ("from", "maximum") };
        yield return Of("statement as an image", As.Agent, "GET", "/agent/wallet/statement", null, 406, "not_acceptable") with { Headers = [("Accept", "image/png")] };
        yield return Of("endpoint of 2,049 characters", As.Operator, "PUT", Service, Definition("endpoint", $"\"https://a.example/{new string('a', 2_031)}\""), 422, ValidationFailed) with { Violation = ("/endpoint", "maxLength") };
        yield return Of("wallet with a parameter", As.Agent, "GET", "/agent/wallet?id=agent:agent-2", null, 422, ValidationFailed) with { Violation = ("id", "additionalProperties") };
        yield return Of("trial balance with a parameter", As.Operator, "GET", "/admin/ledger/trial-balance?asset=EUR", null, 422, ValidationFailed) with { Violation = ("asset", "additionalProperties") };
        yield return Of("service that pays the world", As.Operator, "PUT", Service, Definition("provider", "\"world\""), 422, ValidationFailed) with { Violation = ("/provider", "not") };
    }

    /// <summary>Of payments that are there, see RefundTests.</summary>
    private static IEnumerable<BadRequest> Refunds()
    {
        const string refund = "/admin/payments/0198c0de-0000-7000-8000-000000000001/refund";
        yield return Of("refund without a key", As.Operator, "POST", refund, """{"reason":"r"}""", 422, ValidationFailed) with { Violation = ("Idempotency-Key", "required") };
        foreach (var (name, cents, keyword) in new[] { ("of 0", "0", "exclusiveMinimum"), ("of a negative amount", "-1", "format"), ("of 2^63", "9223372036854775808", "format"), ("with 5 decimals", "1.00001", "format"), ("of text", "\"1\"", "type"), ("of null", "null", "type") })
        {
            yield return Of($"refund {name}", As.Operator, "POST", refund, $$"""{"amount_cents":{{cents}},"reason":"r"}""", 422, ValidationFailed) with { Headers = [("Idempotency-Key", $"refund {name}".Replace(' ', '-'))], Violation = ("/amount_cents", keyword) };
        }

        yield return Of("refund without a reason", As.Operator, "POST", refund, """{"amount_cents":1}""", 422, ValidationFailed) with { Headers = [("Idempotency-Key", "refund-reason")], Violation = ("/reason", "required") };
        yield return Of("refund with a hidden character", As.Operator, "POST", refund, """{"reason":"a\u202Eb"}""", 422, ValidationFailed) with { Headers = [("Idempotency-Key", "refund-hidden")], Violation = ("/reason", "pattern") };
        yield return Of("refund with a misspelt member", As.Operator, "POST", refund, """{"amount":1,"reason":"r"}""", 422, ValidationFailed) with { Headers = [("Idempotency-Key", "refund-member")], Violation = ("/amount", "additionalProperties") };
        yield return Of("refund of no such payment", As.Operator, "POST", refund, """{"reason":"r"}""", 404, "not_found") with { Headers = [("Idempotency-Key", "refund-nothing")] };
        yield return Of("refund of a payment of a wrong form", As.Operator, "POST", "/admin/payments/a%20b/refund", """{"reason":"r"}""", 400, MalformedRequest) with { Headers = [("Idempotency-Key", "refund-form")] };
        yield return Of("refund by an agent", As.Agent, "POST", refund, """{"reason":"r"}""", 401, Unauthorized);
        yield return Of("payment that is not there", As.Operator, "GET", "/admin/payments/nothing", null, 404, "not_found");
        yield return Of("payment with a parameter", As.Operator, "GET", "/admin/payments/nothing?limit=1", null, 422, ValidationFailed) with { Violation = ("limit", "additionalProperties") };
    }

    private static IEnumerable<BadRequest> Approvals()
    {
        const string approval = "/admin/approvals/0198c0de-0000-7000-8000-000000000000";
        const string approve = """{"decision":"approve"}""";
        yield return Of("no such approval", As.Operator, "POST", approval, approve, 404, "not_found");
        yield return Of("approval of a run that is no UUID", As.Operator, "POST", "/admin/approvals/seven", approve, 404, "not_found");
        yield return Of("approval by an agent", As.Agent, "POST", approval, approve, 401, Unauthorized);
        yield return Of("no decision", As.Operator, "POST", approval, "{}", 422, ValidationFailed) with { Violation = ("/decision", "required") };
        yield return Of("decision that is none", As.Operator, "POST", approval, """{"decision":"perhaps"}""", 422, ValidationFailed) with { Violation = ("/decision", "enum") };
        yield return Of("decision of a wrong type", As.Operator, "POST", approval, """{"decision":true}""", 422, ValidationFailed) with { Violation = ("/decision", "type") };
        yield return Of("decision with a hidden character", As.Operator, "POST", approval, """{"decision":"deny","reason":"a\u202Eb"}""", 422, ValidationFailed) with { Violation = ("/reason", "pattern") };
        yield return Of("decision with a misspelt member", As.Operator, "POST", approval, """{"decision":"deny","why":"a"}""", 422, ValidationFailed) with { Violation = ("/why", "additionalProperties") };
        yield return Of("approvals with a parameter", As.Operator, "GET", "/admin/approvals?status=denied", null, 422, ValidationFailed) with { Violation = ("status", "additionalProperties") };
        yield return Of("link that is none", As.Nobody, "POST", "/approvals/apv_seven", approve, 404, "not_found");
        yield return Of("grant with a negative threshold", As.Operator, "PUT", "/admin/users/user-9/grants/agent-1", """{"scopes":{"budget_limit_cents":1},"require_approval_above_cents":-1}""", 422, ValidationFailed) with { Violation = ("/require_approval_above_cents", "format") };
    }

    private static IEnumerable<BadRequest> Lists()
    {
        foreach (var (name, query, keyword) in new[]
        {
            ("nothing", "", "required"), ("an empty text", "?q=", "required"), ("two texts", "?q=a&q=b", "uniqueItems"), ("a text of 256 characters", $"?q={new string('a', 256)}", "maxLength"),
            ("what nobody sees", "?q=a%E2%80%8Bb", "pattern"), ("a line's end", "?q=a%0Ab", "pattern"),
        })
        {
            yield return Of($"search for {name}", As.Operator, "GET", $"/admin/search{query}", null, 422, ValidationFailed) with { Violation = ("q", keyword) };
        }

        yield return Of("search with a limit", As.Operator, "GET", "/admin/search?q=a&limit=1", null, 422, ValidationFailed) with { Violation = ("limit", "additionalProperties") };
        foreach (var list in new[] { "payments", "runs", "sessions", "completions", "approvals", "acts" })
        {
            var path = $"/admin/{list}";
            BadRequest Wrong(string name, string query, string parameter, string keyword) =>
                Of($"{list} {name}", As.Operator, "GET", $"{path}?{query}", null, 422, ValidationFailed) with { Violation = (parameter, keyword) };

            yield return Wrong("with a cursor that is none", "cursor=seven", "cursor", "pattern");
            yield return Wrong("with an empty cursor", "cursor=", "cursor", "pattern");
            yield return Wrong("with a cursor that is no base64url", "cursor=%2B%2F%3D%00", "cursor", "pattern");
            yield return Wrong("with a cursor of 600 characters", $"cursor={new string('A', 600)}", "cursor", "maxLength");
            yield return Wrong("with a cursor of zeros", $"cursor={new string('A', 100)}", "cursor", "pattern");
            yield return Wrong("with two cursors", "cursor=a&cursor=b", "cursor", "uniqueItems");
            if (list is not "acts")
            {
                yield return Wrong("of a user of a wrong form", "user_id=a%20b", "user_id", "pattern");
                yield return Wrong("of an agent of a wrong form", "agent_id=%00", "agent_id", "pattern");
                yield return Wrong("of no user", "user_id=", "user_id", "pattern");
            }

            yield return Wrong("from a time that is none", "from=yesterday", "from", "format");
            yield return Wrong("from a time without an offset", "from=2030-01-01T00:00:00", "from", "format");
            yield return Wrong("from after to", "from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z", "from", "maximum");
            yield return Wrong("of more than a page", "limit=101", "limit", "range");
            yield return Wrong("by a misspelt filter", "userid=user-1", "userid", "additionalProperties");
            yield return Of($"{list} as an image", As.Operator, "GET", path, null, 406, "not_acceptable") with { Headers = [("Accept", "image/png")] };
            yield return Of($"{list} as JSON that is not wanted", As.Operator, "GET", path, null, 406, "not_acceptable") with { Headers = [("Accept", "application/json;q=0")] };
            foreach (var paging in new[] { "limit=1", "cursor=a" })
            {
                yield return Wrong($"as CSV with {paging}", paging, paging.Split('=')[0], "not") with { Name = $"{list} as CSV with {paging}", Headers = [("Accept", "text/csv")] };
            }

            yield return Of($"{list} by an agent", As.Agent, "GET", path, null, 401, Unauthorized);
            if (list is "payments" or "sessions" or "approvals")
            {
                yield return Wrong("with cursor and offset", "cursor=a&offset=0", "cursor", "not");
            }
            else
            {
                yield return Wrong("by an offset", "offset=1", "offset", "additionalProperties");
            }

            if (list is "payments" or "runs" or "approvals")
            {
                yield return Wrong("of a minimum over the maximum", "min_amount_cents=2&max_amount_cents=1", "min_amount_cents", "maximum");
                yield return Wrong("of a negative amount", "min_amount_cents=-1", "min_amount_cents", "format");
            }

            if (list is not ("payments" or "acts"))
            {
                yield return Wrong("of a state that is none", "state=odd", "state", "enum");
            }
        }

        yield return Of("payments with totals that are neither wanted nor not", As.Operator, "GET", "/admin/payments?totals=1", null, 422, ValidationFailed) with { Violation = ("totals", "enum") };
        yield return Of("sessions with totals", As.Operator, "GET", "/admin/sessions?totals=true", null, 422, ValidationFailed) with { Violation = ("totals", "additionalProperties") };
        yield return Of("totals of payments as CSV", As.Operator, "GET", "/admin/payments?totals=true", null, 422, ValidationFailed) with { Violation = ("totals", "not"), Headers = [("Accept", "text/csv")] };
        yield return Of("payments of a source that is none", As.Operator, "GET", "/admin/payments?source=odd", null, 422, ValidationFailed) with { Violation = ("source", "enum") };
        yield return Of("payments of a provider of a wrong form", As.Operator, "GET", "/admin/payments?provider=a%20b", null, 422, ValidationFailed) with { Violation = ("provider", "pattern") };
        yield return Of("run of operators that is not there", As.Operator, "GET", "/admin/runs/nothing", null, 404, "not_found");
        yield return Of("run of operators of a wrong form", As.Operator, "GET", "/admin/runs/a%20b", null, 400, MalformedRequest);
    }

    /// <summary>A service that is right but for one member.</summary>
    private static string Definition(string member, string value)
    {
        var members = new Dictionary<string, string>
        {
            ["name"] = "\"n\"",
            ["description"] = "\"d\"",
            ["category"] = "\"c\"",
            ["price_cents"] = "1",
            ["endpoint"] = "\"https://a.example\"",
            ["provider"] = "\"p\"",
            [member] = value,
        };
        return new StringBuilder("{").AppendJoin(',', members.Select(m => $"\"{m.Key}\":{m.Value}")).Append('}').ToString();
    }
}
