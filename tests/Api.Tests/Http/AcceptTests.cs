using Agora.Api.Tests.Generated;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Http;

/// <summary>Which answers a caller takes: what nothing satisfies is refused before anything is done, and what clients say of themselves is not.</summary>
public sealed class AcceptTests
{
    [Fact]
    public async Task Where_nothing_satisfies_Accept_every_operation_is_not_acceptable_and_changes_nothing()
    {
        await using var target = await GeneratedTarget.Start();
        var before = await target.Look();

        foreach (var operation in target.Operations())
        {
            (await target.Send(operation.Shown(("Accept", "image/png")))).Refused(406, "not_acceptable");
        }

        Assert.Equal(before, await target.Look());
    }

    [Theory]
    [InlineData("*/*")]
    [InlineData("application/json")]
    [InlineData("APPLICATION/JSON; charset=utf-8")]
    [InlineData("application/json, text/plain, */*")]
    [InlineData("application/*")]
    [InlineData("application/problem+json")]
    [InlineData("application/problem+json, application/json;q=0.1")]
    [InlineData("text/event-stream, application/json")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8")]
    [InlineData("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2")]
    [InlineData(";;;")]
    [InlineData("")]
    public async Task What_common_clients_send_is_answered_with_JSON(string accept)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        (await api.Client.Send(HttpMethod.Get, "/agent/services", token, null, ("Accept", accept))).Expect(200);
        (await api.Client.Send(HttpMethod.Post, "/agent/tasks/survey/complete", token, Support.Catalogue.Completion, ("Accept", accept))).Expect(201);
        (await api.Client.Send(HttpMethod.Get, "/admin/users", RunningApi.AdminKey, null, ("Accept", accept))).Expect(200);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("text/csv")]
    [InlineData("application/xml, text/event-stream")]
    [InlineData("application/json;q=0")]
    [InlineData("application/json;q=0, */*")]
    [InlineData("application/problem+json;q=0")]
    public async Task What_takes_no_JSON_is_not_acceptable_where_there_is_nothing_else(string accept)
    {
        await using var api = await RunningApi.Start();

        var refused = (await api.Client.Send(HttpMethod.Get, "/agent/services", await api.Client.OpenSession(), null, ("Accept", accept))).Refused(406, "not_acceptable");

        Assert.Equal("Accept takes nothing that there is here: application/json.", refused.Error.GetProperty("message").GetString());
        (await api.Client.Send(HttpMethod.Get, "/agent/services", "agt_none", null, ("Accept", accept))).Refused(401, "unauthorized");
        (await api.Client.Send(HttpMethod.Get, "/healthz", null, null, ("Accept", accept))).Expect(200);
    }

    [Fact]
    public async Task A_page_of_a_statement_is_CSV_too_and_so_is_accepted()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenSession();

        Assert.StartsWith("entry,at,kind", await api.Client.Text("/agent/wallet/statement", token, "text/csv"), StringComparison.Ordinal);
        (await api.Client.Send(HttpMethod.Get, "/agent/wallet/statement", token, null, ("Accept", "application/x-ndjson"))).Refused(406, "not_acceptable");
    }
}
