using System.Net;
using Agora.Api.Approvals;
using Agora.Core.Kernel;
using Agora.Hosting;
using Agora.Web;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Agora.Api.Tests.Hosts;

/// <summary>What whoever reads the log gets, by any of the ways a line has: its text, its values, its scopes, its exception.</summary>
public sealed class RedactedLogTests
{
    private static readonly string Link = new ApprovalLinks(
        new ApiOptions { TokenKey = new byte[32], OperatorKeys = [], Policy = new(1, 1), NotReady = _ => Task.FromResult<string?>(null), PublicUrls = ["https://agora.example"] },
        FixedTime.Everywhere(DateTimeOffset.UnixEpoch)).Link(Tenant.Default, Guid.Empty, "0198c0de.1:a-b_c", DateTimeOffset.UnixEpoch.AddDays(1));

    [Theory]
    [InlineData("agora")]
    [InlineData("json")]
    [InlineData("simple")]
    [InlineData("systemd")]
    public void A_link_to_an_approval_reaches_the_log_by_no_way(string formatter)
    {
        var secret = Link[(Link.LastIndexOf('/') + 1)..];
        var scopes = new LoggerExternalScopeProvider();
        using var scope = scopes.Push(new Dictionary<string, object> { ["RequestPath"] = $"/approvals/{secret}" });
        var written = new StringWriter();
        var state = new Dictionary<string, object> { ["Path"] = WebUtility.UrlEncode($"/approvals/{secret}") };

        Formatter(formatter).Write(new LogEntry<object>(LogLevel.Error, "Any", default, state, new InvalidOperationException($"at {Link}"), (_, _) => $"GET {Link} failed"), scopes, written);

        Assert.Contains("failed", written.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret[4..40], written.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret[^43..], written.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("agt_0198c0de.1893456000.c2lnbmF0dXJl")]
    [InlineData("aul_second~alice.1893456000.c2lnbmF0dXJl")]
    [InlineData("agk_agent-1.c2VjcmV0")]
    [InlineData("agk2_agent-1.c2VjcmV0")]
    [InlineData("whsec_C2FVsBQIhrscChlQ+V/b5sSYspob7oDE8TlKPf1GSA=")]
    [InlineData("session_token=0198c0de-0000-8000-8000-000000000000")]
    [InlineData("session_token%3D0198c0de-0000-8000-8000-000000000000")]
    [InlineData("session_token\":\"0198c0de-0000-8000-8000-000000000000")]
    public void Tokens_and_agents_keys_keep_their_prefix_only(string credential)
    {
        var written = new StringWriter();
        Formatter("agora").Write(new LogEntry<string>(LogLevel.Error, "Any", default, "", null, (_, _) => $"Bearer {credential} was presented"), null, written);

        Assert.DoesNotContain(credential[^16..], written.ToString(), StringComparison.Ordinal);
        Assert.Contains("was presented", written.ToString(), StringComparison.Ordinal);
    }

    private static ConsoleFormatter Formatter(string name)
    {
        var builder = ApiHost.CreateBuilder(AgoraSettings.Read(new ConfigurationBuilder().Build()));
        return builder.Services.BuildServiceProvider().GetServices<ConsoleFormatter>().Single(f => f.Name == name);
    }
}
