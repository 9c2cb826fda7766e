using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>
/// What is kept of a request's body to tell a repeat from another request. A plain hash of an input or an attribute can be guessed at for as long
/// as it is kept, so in a person's streams it is coded with the person's key, and says nothing any more when that is destroyed.
/// </summary>
internal static class BodyHashes
{
    /// <param name="bodyHash">SHA-256, hex.</param>
    /// <param name="key">Of the stream's person; null where the stream is nobody's.</param>
    public static byte[] Stored(string bodyHash, PersonalKey? key)
    {
        var plain = Convert.FromHexString(bodyHash);
        return key is null ? plain : key.Code(plain);
    }

    /// <summary>Plain ones are of releases before codes. After the key is destroyed two requests cannot be told apart: what has the key's name is taken for a repeat, unless the outcome is another command's (<c>Answer.As</c>).</summary>
    public static bool IsSame(ReadOnlySpan<byte> stored, string bodyHash, PersonalKey? key) =>
        key is { Destroyed: true } || stored.SequenceEqual(Stored(bodyHash, key)) || stored.SequenceEqual(Convert.FromHexString(bodyHash));
}
