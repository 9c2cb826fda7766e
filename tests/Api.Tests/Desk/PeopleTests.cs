using System.Net;
using Agora.Api.Desk;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Desk;

public sealed class PeopleTests
{
    private const string Good = "correct horse battery";

    /// <summary>Others of the address have all of its places, again and again.</summary>
    [Fact]
    public async Task Whoever_finds_no_place_is_not_taken_for_one_who_guesses()
    {
        await using var api = await RunningApi.Start();
        var (people, passwords) = (api.Services.GetRequiredService<People>(), api.Services.GetRequiredService<Passwords>());
        Assert.Null(await people.Choose(Here(), "ann", await people.First(Tenant.Default, "ann"), Good));
        Assert.Null((await people.SignIn(Here(), "ann", Good, "")).Refused);

        var refused = new List<string?>();
        for (var n = 0; n < 2 * Limits.WrongPasswordsAtOnce; n++)
        {
            var others = Enumerable.Range(0, Limits.PasswordsOfOne).Select(_ => passwords.Compare(Here(), Acquaintance.Address, Good, null)).ToList();
            refused.Add((await people.SignIn(Here(), "ann", Good, "")).Refused?.Code);
            await Task.WhenAll(others);
        }

        Assert.DoesNotContain(Codes.RateLimited, refused);
        Assert.Null((await people.SignIn(Here(), "ann", Good, "")).Refused);
    }

    private static DefaultHttpContext Here() => new() { Connection = { RemoteIpAddress = IPAddress.Loopback } };
}
