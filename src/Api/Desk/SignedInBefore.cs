using System.Net;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Desk;

/// <summary>How well a process knows the person who signs in.</summary>
internal enum Acquaintance
{
    /// <summary>Neither the name nor the address has signed in before.</summary>
    None,

    /// <summary>The name has signed in before, from another address.</summary>
    Name,

    /// <summary>A person has signed in from this address before.</summary>
    Address,
}

/// <summary>
/// Names and addresses that have signed in at this process, so that strangers cannot fill all places where passwords are compared. Memory: <see cref="Limits.SignedInRemembered"/> of each.
/// </summary>
internal sealed class SignedInBefore
{
    private readonly Remembered<PersonName, bool> _names = new(Limits.SignedInRemembered);
    private readonly Remembered<IPAddress, bool> _addresses = new(Limits.SignedInRemembered);

    public void Keep(PersonName name, IPAddress? address)
    {
        _names.Keep(name, true);
        Keep(address);
    }

    /// <summary>Called when a person has signed in from there by an issuer.</summary>
    public void Keep(IPAddress? address) => _addresses.Keep(ClientAddress.NetworkOf(address), true);

    public bool Knows(IPAddress? address) => _addresses.Has(ClientAddress.NetworkOf(address));

    public Acquaintance Of(PersonName name, IPAddress? address) =>
        Knows(address) ? Acquaintance.Address : _names.Has(name) ? Acquaintance.Name : Acquaintance.None;
}
