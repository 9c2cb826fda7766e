using Agora.Core.Kernel;

namespace Agora.Application.Reading;

/// <summary>
/// Texts about a user that cross streams and stand in query tables (a memo, an operator's reason): sealed with the user's key where they come in,
/// opened where they are shown. To all between they are opaque, so erasing the user erases them wherever they have come to.
/// </summary>
public interface IPersonalTexts
{
    /// <summary>What is stored in the text's place. Null and empty stay as they are.</summary>
    Task<string?> Seal(Tenant tenant, string userId, string? text, CancellationToken cancel);

    /// <summary>What is shown of a stored text about a user of this tenant; one that was never sealed is shown as it is. Null: the user's data were erased.</summary>
    /// <param name="onlyOf">Whoever it is shown to may read this user's texts and no other's, which are null; null: everybody's.</param>
    Task<string?> Open(Tenant tenant, string? stored, CancellationToken cancel, string? onlyOf = null);

    /// <summary>A code of a content in the user's key, hex: the same for the same content. Empty when the user's data were erased.</summary>
    Task<string> Code(Tenant tenant, string userId, string content, CancellationToken cancel);
}
