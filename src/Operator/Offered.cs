using System.Text.Json;
using Agora.Api.Desk;

namespace Agora.Operator;

/// <summary>An act that a reply offers, with its ids and what its body would say: a form that is filled in already.</summary>
/// <param name="Given">By the names of the form's fields.</param>
public sealed record Offered(Place Act, string Why, IReadOnlyDictionary<string, string> Given)
{
    /// <summary>Those that this role may do.</summary>
    public static IReadOnlyList<Offered> In(DeskReply reply, RouteMap map, DeskOperator who) => [.. reply.NextActions.Select(action => Of(action, map)).OfType<Offered>().Where(offered => offered.Act.Route.IsFor(who))];

    private static Offered? Of(JsonElement action, RouteMap map)
    {
        if (map.Find(Text(action, "method"), Text(action, "endpoint")) is not { Route.IsRead: false } act) return null;

        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        if (action.TryGetProperty("body", out var body))
        {
            FormField.Fill(FormField.OfBody(act.Route), body, ActForms.Body, given);
        }

        return new(act, Text(action, "description"), given);
    }

    private static string Text(JsonElement action, string name) => action.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
