using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Desk;

/// <summary>Forms and pages are bounded as all other bodies and replies are, for the person who is signed in, or the address of one who is not.</summary>
public static class PageRoom
{
    private static readonly FairPlaces Turns = new(Limits.PagesRenderedAtOnce);

    /// <summary>A page is rendered by one thread, without waiting for anything: more of them at once are no faster, and keep those threads from everyone else.</summary>
    /// <returns>Dispose it when the page is rendered.</returns>
    public static async Task<IDisposable> Turn(HttpContext http) => await Turns.Wait(PlaceOwners.Of(http), http.RequestAborted);

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
