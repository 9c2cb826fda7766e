using System.Net;
using Agora.Application.Calls;
using Agora.Application.Language;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Microsoft.Extensions.Primitives;

namespace Agora.Web;

/// <summary>
/// A request for an operation. It comes over HTTP (<see cref="ReceivedRequest"/>), or this process makes it to answer another request (<see cref="InnerRequest"/>). Gates and handlers see only this type, so they behave the same for both.
/// </summary>
internal abstract class Request
{
    /// <summary>The request's id, as the reply, the log and the trace have it.</summary>
    public abstract string Id { get; }

    /// <summary>Method and pattern for the log, such as <c>PUT /admin/users/{user_id}</c>. It never has an id of the path.</summary>
    public abstract string Route { get; }

    public abstract string Method { get; }

    /// <summary>The path as the hash of an idempotency key covers it.</summary>
    public abstract string Path { get; }

    /// <summary>The absolute address, without the query.</summary>
    public abstract string Address { get; }

    /// <summary>The absolute address of this server: the same without the path.</summary>
    public abstract string Origin { get; }

    /// <summary>The caller's address. Behind trusted proxies, the address that they name.</summary>
    public abstract IPAddress? From { get; }

    /// <summary>Cancelled when the caller no longer waits for the reply.</summary>
    public abstract CancellationToken Ended { get; }

    /// <summary>The language of the reply. Null if it is English.</summary>
    public abstract Words? Words { get; }

    /// <summary>Query parameters. Names are compared without case.</summary>
    public abstract IReadOnlyDictionary<string, StringValues> Query { get; }

    /// <summary>The bearer credential. Empty if there is none, or more than one.</summary>
    public ReadOnlySpan<char> Bearer => Credentials.Bearer(Header("Authorization"));

    /// <summary>Who signed the request, or the request that opened its connection. Null if it is not signed, or not verified yet.</summary>
    public abstract Signer? Signer { get; set; }

    /// <summary>The operator who has signed in at a browser. Null if the operator sends a credential instead.</summary>
    public Actor? SignedIn { get; init; }

    /// <summary>The key that opened the connection. Null if the connection serves one request.</summary>
    public abstract ConnectionKey? Connection { get; set; }

    /// <summary>The owner that the request's places are counted for. Until a gate knows the caller, that is the caller's address.</summary>
    public abstract PlaceOwner Owner { get; set; }

    /// <summary>Its turn among requests that came in order. Null if it came alone.</summary>
    public InOrder? Turn { get; init; }

    /// <summary>The session has counted the page that reads this, so it does not count this request again.</summary>
    public bool IsPart { get; init; }

    /// <summary>The protocols that a WebSocket (RFC 6455) is requested with. Null if no WebSocket is requested.</summary>
    public virtual IList<string>? SocketProtocols => null;

    /// <summary>The header that says what a signature must cover (RFC 9421 section 5.1). Null if this request cannot be signed.</summary>
    public virtual (string Name, string Value)? SignatureWanted => null;

    /// <summary>The values of a header, in the order in which they came. Empty if there is none.</summary>
    public abstract StringValues Header(string name);

    /// <summary>The value of a placeholder of the path. Empty if the path does not have the placeholder.</summary>
    public abstract string PathValue(string name);

    /// <summary>Replaces a query parameter.</summary>
    public abstract void SetParameter(string name, string value);

    /// <summary>Reads the body, once. What is wrong with it goes to the findings.</summary>
    public abstract ValueTask<Body> Read(Operation operation, Findings findings);

    /// <summary>Reads the body of a browser's form. Null if the body has another media type.</summary>
    /// <param name="most">Bytes. A longer form is empty.</param>
    public virtual ValueTask<byte[]?> Form(string mediaType, int most) => new((byte[]?)null);

    /// <summary>Counts the memory of the parsed body for the caller. False if the caller has no room for it.</summary>
    public abstract bool HasRoomToParse(ReadOnlySpan<byte> json);

    /// <summary>Gives the body's place back: its bytes are counted elsewhere, or are no longer needed.</summary>
    public abstract void GiveBack();

    /// <summary>Keeps the body's place until <paramref name="over"/> ends, for work that continues after the reply and holds the body.</summary>
    public abstract void HoldUntil(Task over);

    /// <summary>Disposes of something when the reply is sent, or the caller has gone.</summary>
    public abstract void EndWith(IDisposable something);

    /// <summary>Marks the reply if the tenant is for tests: its money is not real.</summary>
    public abstract void Mark(Tenant tenant);

    /// <summary>Closes the connection after the reply, so that the next request costs the caller a new one.</summary>
    public abstract void CloseConnection();
}
