using System.Globalization;

namespace Agora.Application.Chats;

/// <summary>Ids of the events of a turn: the turn and the event's own number, so that a caller that was cut off continues after the last one that it received.</summary>
internal static class TurnEvents
{
    public static string Id(Guid turnId, int number) => Prefix(turnId) + number.ToString(CultureInfo.InvariantCulture);

    /// <param name="after">The number of the event. -1 if there is no id.</param>
    /// <returns>False if the id is that of no event, or of another turn.</returns>
    public static bool TryRead(Guid turnId, string? id, out int after)
    {
        after = -1;
        return id is null || (id.StartsWith(Prefix(turnId), StringComparison.Ordinal) && int.TryParse(id.AsSpan(Prefix(turnId).Length), NumberStyles.None, CultureInfo.InvariantCulture, out after));
    }

    private static string Prefix(Guid turnId) => $"{turnId:N}.";
}
