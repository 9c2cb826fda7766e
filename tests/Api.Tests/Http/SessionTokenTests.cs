using Agora.Api.Http;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Http;

public sealed class SessionTokenTests
{
    private static readonly DateTimeOffset Expiry = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);
    private readonly SessionTokens _tokens = new(new byte[32], new FixedTime(Expiry.AddSeconds(-1)));

    [Theory]
    [InlineData("s")]
    [InlineData("a.b.c")]
    [InlineData("a:b-c_d")]
    public void A_token_names_its_session(string id) => Assert.Equal((id, null), _tokens.Read(_tokens.Mint(id, Expiry)));

    [Fact]
    public void A_token_has_one_spelling_every_other_is_unauthorized()
    {
        var token = _tokens.Mint("session", Expiry);
        for (var at = 0; at < token.Length; at++)
        {
            foreach (var other in "A0._-=")
            {
                var spelling = string.Concat(token.AsSpan(0, at), other.ToString(), token.AsSpan(at + 1));
                Assert.True(spelling == token || _tokens.Read(spelling).Refusal?.Code == Codes.Unauthorized, spelling);
            }

            Assert.Equal(Codes.Unauthorized, _tokens.Read(token.AsSpan(0, at)).Refusal?.Code);
        }
    }

    [Fact]
    public void A_token_of_another_key_is_unauthorized()
    {
        var other = new SessionTokens(Enumerable.Repeat((byte)1, 32).ToArray(), new FixedTime(Expiry.AddSeconds(-1)));
        Assert.Equal(Codes.Unauthorized, other.Read(_tokens.Mint("session", Expiry)).Refusal?.Code);
    }

    [Fact]
    public void A_token_at_its_expiry_is_session_expired()
    {
        var later = new SessionTokens(new byte[32], new FixedTime(Expiry));
        Assert.Equal(Codes.SessionExpired, later.Read(_tokens.Mint("session", Expiry)).Refusal?.Code);
    }

    [Fact]
    public void An_operators_key_gives_its_name_and_any_other_nobody()
    {
        AdminKey[] keys = [AdminKey.Of("first", "key-1"), AdminKey.Of("second", "key-2")];
        Assert.Equal("second", Credentials.Operator("key-2", keys));
        Assert.Null(Credentials.Operator("key-3", keys));
        Assert.Null(Credentials.Operator("", [AdminKey.Of("empty", "")]));
        Assert.Null(Credentials.Operator("key-1", []));
    }
}
