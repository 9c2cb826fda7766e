using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Tests.Http;

public sealed class AgentKeysTests
{
    private readonly AgentKeys _keys = new(new byte[32]);

    [Theory]
    [InlineData("agk_agent.c2VjcmV0", "agent")]
    [InlineData("agk_a.b.c2VjcmV0", "a.b")]
    [InlineData("agk_.c2VjcmV0", null)]
    [InlineData("agk_agent", null)]
    [InlineData("agk_a/b.c2VjcmV0", null)]
    [InlineData("key", null)]
    [InlineData("", null)]
    [InlineData(".", null)]
    public void A_key_of_the_old_form_names_its_agent_and_proves_nothing(string key, string? agent) =>
        Assert.Equal(agent is null ? null : new ClaimedKey(Tenant.Default, agent, IsProven: false), _keys.Read(key));

    [Theory]
    [InlineData("default", "a", "agk2_live_default.a.")]
    [InlineData("default_t1", "a.b", "agk2_test_default_t1.a.b.")]
    [InlineData("second", "a.b", "agk2_live_second.a.b.")]
    public void A_key_says_in_plain_sight_what_it_is_for_and_proves_whose_it_is(string of, string agent, string head)
    {
        var tenant = Tenant.Parse(of)!;
        var key = _keys.New(tenant, agent);
        Assert.StartsWith(head, key, StringComparison.Ordinal);
        Assert.Equal(new ClaimedKey(tenant, agent, IsProven: true), _keys.Read(key));
        Assert.NotEqual(key, _keys.New(tenant, agent));
    }

    [Fact]
    public void A_key_has_one_spelling_every_other_is_nobodys()
    {
        var key = _keys.New(Tenant.Default, "agent-1");
        for (var at = 0; at < key.Length; at++)
        {
            foreach (var other in "A0._-=é")
            {
                var spelling = string.Concat(key.AsSpan(0, at), other.ToString(), key.AsSpan(at + 1));
                Assert.True(spelling == key || _keys.Read(spelling) is null or { IsProven: false }, spelling);
            }

            Assert.True(_keys.Read(key[..at]) is null, key[..at]);
        }
    }

    [Fact]
    public void A_key_made_over_to_another_tenant_or_of_another_token_key_is_nobodys()
    {
        Assert.Null(_keys.Read(_keys.New(Tenant.Default, "a").Replace("_default.", "_others.", StringComparison.Ordinal)));
        Assert.Null(new AgentKeys(Enumerable.Repeat((byte)1, 32).ToArray()).Read(_keys.New(Tenant.Default, "a")));
    }
}
