using Agora.Api.Approvals;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Approvals;

public sealed class ApprovalLinkTests
{
    private static readonly DateTimeOffset Expiry = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);
    private static readonly Guid Run = new("0198c0de-0000-7000-8000-00000000beef");
    private readonly ApprovalLinks _links = Links(new byte[32], Expiry.AddSeconds(-1));

    [Theory]
    [InlineData("default", "s", "apv_0198c0de-")]
    [InlineData("default", "a.b.c", "apv_0198c0de-")]
    [InlineData("default", "a:b-c_d", "apv_0198c0de-")]
    [InlineData("second", "a.b", "apv_second~0198c0de-")]
    public void A_link_names_its_run_and_session_and_a_tenant_that_is_not_the_default_one(string of, string session, string head)
    {
        var token = Token(session, of);
        Assert.StartsWith(head, token, StringComparison.Ordinal);
        Assert.Equal((new LinkedRun(Tenant.Parse(of)!, Run, session), null), _links.Read(token));
    }

    [Fact]
    public void A_session_id_and_a_tenant_of_any_length_fit() => Assert.Null(_links.Read(Token(new string('s', Limits.IdLength), new string('t', Limits.TenantLength))).Refusal);

    [Theory]
    [InlineData("default")]
    [InlineData("second")]
    public void A_link_has_one_spelling_every_other_is_not_found(string of)
    {
        var token = Token("session", of);
        for (var at = 0; at < token.Length; at++)
        {
            foreach (var other in "A0._-=+~")
            {
                var spelling = string.Concat(token.AsSpan(0, at), other.ToString(), token.AsSpan(at + 1));
                Assert.True(spelling == token || _links.Read(spelling).Refusal?.Code == Codes.NotFound, spelling);
                Assert.Equal(Codes.NotFound, _links.Read(token.Insert(at, other.ToString())).Refusal?.Code);
            }

            Assert.Equal(Codes.NotFound, _links.Read(token[..at]).Refusal?.Code);
            Assert.Equal(Codes.NotFound, _links.Read(token[(at + 1)..]).Refusal?.Code);
        }

        Assert.Equal(Codes.NotFound, _links.Read(token.Replace("beef", "BEEF", StringComparison.Ordinal)).Refusal?.Code);
    }

    [Fact]
    public void A_link_of_another_key_is_not_found() =>
        Assert.Equal(Codes.NotFound, Links([.. Enumerable.Repeat((byte)1, 32)], Expiry.AddSeconds(-1)).Read(Token("session")).Refusal?.Code);

    [Fact]
    public void A_link_at_its_expiry_is_over() => Assert.Equal(Codes.ApprovalDecided, Links(new byte[32], Expiry).Read(Token("session")).Refusal?.Code);

    [Fact]
    public void A_link_begins_with_the_public_address() =>
        Assert.StartsWith("https://agora.example/at/approvals/apv_", Links(new byte[32], Expiry, "https://agora.example/at").Link(Tenant.Default, Run, "s", Expiry), StringComparison.Ordinal);

    private static ApprovalLinks Links(byte[] key, DateTimeOffset now, string? url = null) => new(
        new() { TokenKey = key, OperatorKeys = [], Policy = new SessionPolicy(30, 10), NotReady = _ => Task.FromResult<string?>(null), PublicUrls = url is null ? [] : [url] }, FixedTime.Everywhere(now));

    private string Token(string session, string of = "default") => _links.Link(Tenant.Parse(of)!, Run, session, Expiry)["/approvals/".Length..];
}
