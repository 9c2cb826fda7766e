using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Hosting;
using Agora.Outbound;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Operator.Tests;

/// <summary>What becomes of a code where its issuer fails.</summary>
public sealed class RedeemTests
{
    [Fact]
    public async Task A_code_is_posted_once_although_the_issuer_answers_503()
    {
        var asked = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var issuer = builder.Build();
        issuer.MapPost("/token", () =>
        {
            Interlocked.Increment(ref asked);
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        });
        await issuer.StartAsync();
        var address = issuer.Urls.First();
        var trusted = new TrustedIssuer("corp", address, TokenHolders.Operators, Tenant.Default, "agora", null, "groups", new Dictionary<string, Role>(), "sub", null, SignIn: new("console", null, "openid"));
        using var signIn = new IssuerSignIn(trusted, new HttpOutbound(AllowList.Parse("127.0.0.0/8"), TimeProvider.System), TimeProvider.System, NullLogger<IssuerSignIn>.Instance);

        var (became, _) = await signIn.Redeem(new(new($"{address}/auth"), new($"{address}/token"), NamesItself: false), "code", "verifier", "http://localhost/back");

        Assert.Equal((Redemption.OutOfReach, 1), (became, Volatile.Read(ref asked)));
    }
}
