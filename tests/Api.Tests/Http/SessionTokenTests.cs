using Agora.Application.Calls;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Tests.Http;

public sealed class SessionTokenTests
{
    private static readonly DateTimeOffset Expiry = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);
    private readonly SessionTokens _tokens = new(new byte[32], FixedTime.Everywhere(Expiry.AddSeconds(-1)));

    [Theory]
    [InlineData("default", "s", "agt_s.1900000000.")]
    [InlineData("default", "a.b.c", "agt_a.b.c.1900000000.")]
    [InlineData("default", "a:b-c_d", "agt_a:b-c_d.1900000000.")]
    [InlineData("second", "a.b", "agt_second~a.b.1900000000.")]
    [InlineData("-", "s", "agt_-~s.1900000000.")]
    public void A_token_names_its_session_and_a_tenant_that_is_not_the_default_one(string of, string id, string head)
    {
        var session = new SessionOf(Tenant.Parse(of)!, id);
        var token = _tokens.Mint(session.Tenant, id, Expiry);
        Assert.StartsWith(head, token, StringComparison.Ordinal);
        Assert.Equal((session, null), _tokens.Read(token));
    }

    [Fact]
    public void The_longest_names_fit_into_a_token()
    {
        var session = new SessionOf(Tenant.Parse(new string('t', Limits.TenantLength))!, new string('s', Limits.IdLength));
        Assert.Equal((session, null), _tokens.Read(_tokens.Mint(session.Tenant, session.Id, Expiry)));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("second")]
    public void A_token_has_one_spelling_every_other_is_unauthorized(string of)
    {
        var token = _tokens.Mint(Tenant.Parse(of)!, "session", Expiry);
        for (var at = 0; at < token.Length; at++)
        {
            foreach (var other in "A0._-=~")
            {
                var spelling = string.Concat(token.AsSpan(0, at), other.ToString(), token.AsSpan(at + 1));
                Assert.True(spelling == token || _tokens.Read(spelling).Refusal?.Code == Codes.Unauthorized, spelling);
            }

            Assert.Equal(Codes.Unauthorized, _tokens.Read(token.AsSpan(0, at)).Refusal?.Code);
        }

        Assert.Equal(Codes.Unauthorized, _tokens.Read(token.Replace("second~", "", StringComparison.Ordinal).Replace("agt_", "agt_default~", StringComparison.Ordinal)).Refusal?.Code);
        Assert.Equal(Codes.Unauthorized, _tokens.Read(token.Replace("second~", "", StringComparison.Ordinal).Replace("agt_", "agt_third~", StringComparison.Ordinal)).Refusal?.Code);
    }

    [Fact]
    public void A_token_of_another_key_is_unauthorized()
    {
        var other = new SessionTokens(Enumerable.Repeat((byte)1, 32).ToArray(), FixedTime.Everywhere(Expiry.AddSeconds(-1)));
        Assert.Equal(Codes.Unauthorized, other.Read(_tokens.Mint(Tenant.Default, "session", Expiry)).Refusal?.Code);
    }

    [Fact]
    public void A_token_at_its_expiry_is_session_expired()
    {
        var later = new SessionTokens(new byte[32], FixedTime.Everywhere(Expiry));
        Assert.Equal(Codes.SessionExpired, later.Read(_tokens.Mint(Tenant.Default, "session", Expiry)).Refusal?.Code);
    }

    [Fact]
    public void An_operators_key_gives_its_name_and_tenant_and_any_other_nobody()
    {
        AccessKey[] keys = [AccessKey.Of(Tenant.Default, "first", "key-1"), AccessKey.Of(Tenant.Parse("second")!, "second", "key-2")];
        Assert.Equal(keys[1], Credentials.Find("key-2", keys));
        Assert.Null(Credentials.Find("key-3", keys));
        Assert.Null(Credentials.Find("", [AccessKey.Of(Tenant.Default, "empty", "")]));
        Assert.Null(Credentials.Find("key-1", []));
    }
}
