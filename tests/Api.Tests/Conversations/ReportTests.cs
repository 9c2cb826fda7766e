using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Conversations;

/// <summary>What agents report, and what operators see of it.</summary>
public sealed class ReportTests
{
    [Fact]
    public async Task A_message_is_reported_listed_shown_as_it_stands_and_resolved_once()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("b", ["a"]);
        var number = await talk.Say("b", id, "buy now");
        var filed = (await Report(talk, "a", $$"""{"agent_id":"b","reason":"spam","conversation_id":"{{id}}","number":{{number}}}""")).Expect(201).Data.GetProperty("report_id").GetString();

        var listed = Assert.Single((await Admin(talk, HttpMethod.Get, "?outcome=open")).Expect(200).Data.GetProperty("reports").EnumerateArray());
        Assert.Equal((filed, "a", "b", "spam", number), (listed.GetProperty("report_id").GetString(), listed.GetProperty("reported_by").GetString(), listed.GetProperty("agent_id").GetString(), listed.GetProperty("reason").GetString(), listed.GetProperty("number").GetInt64()));
        Assert.Equal("buy now", (await Admin(talk, HttpMethod.Get, $"/{filed}")).Expect(200).Data.GetProperty("message").GetProperty("content").GetString());

        (await Admin(talk, HttpMethod.Post, $"/{filed}/resolve", """{"outcome":"acted","reason":"The agent was stopped"}""")).Expect(200);
        (await Admin(talk, HttpMethod.Post, $"/{filed}/resolve", """{"outcome":"dismissed","reason":"Once more"}""")).Refused(404, Codes.NotFound);
        Assert.Empty((await Admin(talk, HttpMethod.Get, "?outcome=open")).Expect(200).Data.GetProperty("reports").EnumerateArray());
        Assert.Equal("acted", Assert.Single((await Admin(talk, HttpMethod.Get, "")).Expect(200).Data.GetProperty("reports").EnumerateArray()).GetProperty("outcome").GetString());

        (await talk.Delete("b", $"/conversations/{id}")).Expect(200);
        Assert.Equal(JsonValueKind.Null, (await Admin(talk, HttpMethod.Get, $"/{filed}")).Expect(200).Data.GetProperty("message").GetProperty("content").ValueKind);
    }

    [Fact]
    public async Task Only_what_it_was_told_is_an_agents_to_report()
    {
        await using var talk = await Talk.Among("a", "b", "x");
        var id = await talk.Open("b", ["a"]);
        var number = await talk.Say("b", id, "hello");
        (await Report(talk, "x", $$"""{"agent_id":"b","reason":"spam","conversation_id":"{{id}}","number":{{number}}}""")).Refused(404, Codes.NotFound);
        (await Report(talk, "a", $$"""{"agent_id":"x","reason":"spam","conversation_id":"{{id}}","number":{{number}}}""")).Refused(404, Codes.NotFound);
        (await Report(talk, "a", $$"""{"agent_id":"b","reason":"spam","conversation_id":"{{id}}","number":99}""")).Refused(404, Codes.NotFound);
        (await Report(talk, "a", """{"agent_id":"nobody","reason":"spam"}""")).Refused(404, Codes.NotFound);
        foreach (var body in new[] { """{"agent_id":"b","reason":"boredom"}""", """{"agent_id":"b"}""", """{"agent_id":"a","reason":"spam"}""", """{"agent_id":"b","reason":"spam","number":1}""" })
        {
            (await Report(talk, "a", body)).Refused(422, Codes.ValidationFailed);
        }

        Assert.Equal(0, (await Admin(talk, HttpMethod.Get, "")).Expect(200).Data.GetProperty("total_count").GetInt32());
        var whole = (await Report(talk, "x", """{"agent_id":"b","reason":"impersonation"}""")).Expect(201).Data.GetProperty("report_id").GetString();
        Assert.Equal(JsonValueKind.Null, (await Admin(talk, HttpMethod.Get, $"/{whole}")).Expect(200).Data.GetProperty("message").ValueKind);
        (await Admin(talk, HttpMethod.Get, "/none")).Refused(404, Codes.NotFound);
    }

    [Fact]
    public async Task What_somebody_said_whom_the_agent_has_blocked_is_not_its_to_report()
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var id = await talk.Open("a", ["b", "c"]);
        (await talk.Api.Client.Send(HttpMethod.Put, "/agent/blocks/b", talk.Key("c"))).Expect(200);
        var number = await talk.Say("b", id, "hidden");
        var report = $$"""{"agent_id":"b","reason":"spam","conversation_id":"{{id}}","number":{{number}}}""";
        (await Report(talk, "c", report)).Refused(404, Codes.NotFound);
        (await Report(talk, "a", report)).Expect(201);
    }

    private static Task<Received> Report(Talk talk, string agent, string body) => talk.Post(agent, "/agent/reports", body);

    private static Task<Received> Admin(Talk talk, HttpMethod method, string path, string? body = null) => talk.Api.Client.Admin(method, $"/admin/reports{path}", body);
}
