using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Lists;

/// <summary>An empty list says why it is, and what would change it; one that is not says nothing.</summary>
public sealed class EmptyListTests
{
    [Theory]
    [InlineData("payments", "Nothing was paid yet")]
    [InlineData("runs", "No run has ended yet")]
    [InlineData("completions", "No task was done yet")]
    [InlineData("approvals", "No run waits")]
    [InlineData("refusals", "No run was refused yet")]
    [InlineData("refusals?campaign_id=none", "There is no campaign none")]
    [InlineData("audit", "No agent has done anything yet")]
    [InlineData("audit?operation=nothing", "Nothing matches operation; leave it out")]
    [InlineData("payments?user_id=nobody", "There is no user nobody")]
    [InlineData("runs?agent_id=nobody", "No agent nobody was ever put")]
    [InlineData("payments?campaign_id=none", "There is no campaign none")]
    [InlineData("runs?service_id=none&user_id=user-1", "There is no service none")]
    [InlineData("completions?session_id=none", "There is no session none")]
    [InlineData("payments?user_id=user-1&agent_id=agent-1&campaign_id=survey&service_id=summary", "Nothing matches user_id, agent_id, campaign_id, service_id together")]
    [InlineData("sessions?offset=1", "The list ends before this")]
    public async Task It_says_why(string list, string why)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        await api.Client.OpenSession();

        var data = (await api.Client.Admin(HttpMethod.Get, $"/admin/{list}")).Expect(200).Data;

        Assert.Equal(0, data.EnumerateObject().First().Value.GetArrayLength());
        Assert.StartsWith(why, data.GetProperty("empty_because").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_has_something_says_nothing()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        await api.Client.OpenSession();

        Assert.Null((await api.Client.Admin(HttpMethod.Get, "/admin/sessions")).Expect(200).Data.GetProperty("empty_because").GetString());
    }
}
