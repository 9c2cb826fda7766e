using Agora.Api.Http;
using Agora.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Desk;

/// <summary>Forms and pages are bounded in memory as all other bodies and replies are, for the person who is signed in, or the address of one who is not.</summary>
public static class PageRoom
{
    /// <summary>Takes room for a form until its request ends. Ask before it is read.</summary>
    /// <exception cref="OperatingException">There is none: 503.</exception>
    public static void TakeForForm(HttpContext http)
    {
        if (http.Request.ContentLength is not { } length || !BodyPlaces.AreWanted(length)) return;

        http.Response.RegisterForDispose(http.RequestServices.GetRequiredService<BodyPlaces>().Begin(PlaceOwners.Of(http), length) ?? throw Full());
    }

    /// <summary>Sends a whole page, or a file of it.</summary>
    /// <exception cref="OperatingException">There is no room for it: 503.</exception>
    public static async Task Send(HttpContext http, ReadOnlyMemory<byte> page)
    {
        if (!await UnreadReplies.Send(http, page)) throw Full();
    }

    private static OperatingException Full() => new(new(FailureKind.Overloaded));
}
