using System.Net;
using Agora.Api.Desk;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Tests.Desk;

public sealed class PasswordsTests
{
    private const string Good = "correct horse battery";

    /// <summary>48 connections of 8 addresses, which never signed in, come first.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Strangers_who_guess_do_not_take_the_places_of_people_and_addresses_that_signed_in_before(int acquaintance)
    {
        using var passwords = new Passwords();
        var kept = (await passwords.Keep(From("192.0.2.1"), Good)).Kept;

        var strangers = Enumerable.Range(0, 48).Select(n => passwords.Compare(From($"198.51.100.{(n % 8) + 1}"), Acquaintance.None, "a wrong password", kept)).ToList();
        var (isRight, refused) = await passwords.Compare(From("192.0.2.1"), (Acquaintance)acquaintance, Good, kept);

        Assert.Equal((true, null), (isRight, refused));
        Assert.Equal(48 - Limits.PasswordsAtOnce - Limits.PasswordsWaitingUnknown, (await Task.WhenAll(strangers)).Count(static one => one.Refused?.Code == Codes.Unavailable));
    }

    /// <summary>A name that signed in before is known to strangers too.</summary>
    [Fact]
    public async Task Strangers_who_guess_at_names_that_signed_in_do_not_take_the_places_of_addresses_that_did()
    {
        using var passwords = new Passwords();
        var kept = (await passwords.Keep(From("192.0.2.1"), Good)).Kept;

        var strangers = Enumerable.Range(0, 48).Select(n => passwords.Compare(From($"198.51.100.{(n % 8) + 1}"), Acquaintance.Name, "a wrong password", kept)).ToList();

        Assert.True((await passwords.Compare(From("192.0.2.1"), Acquaintance.Address, Good, kept)).IsRight);
        await Task.WhenAll(strangers);
    }

    private static DefaultHttpContext From(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
}
