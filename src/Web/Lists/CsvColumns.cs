using System.Collections;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Agora.Application.Values;

namespace Agora.Web.Lists;

/// <summary>
/// The columns of a record as CSV: its members by the names that they have as JSON, those of a member that is an object behind its name (<c>paid_by_kind</c>), a list, and an object
/// of any members, as JSON. One declaration, so no column is forgotten.
/// </summary>
internal static class CsvColumns<T>
{
    private static readonly IReadOnlyList<(string Name, Func<object, object?> Get)> Columns = [.. Of(typeof(T), "", static item => item)];

    public static string Header { get; } = new StringBuilder().Row(Columns.Select(column => column.Name)).ToString();

    public static string Rows(IReadOnlyList<T> items) =>
        items.Aggregate(new StringBuilder(), static (csv, item) => csv.Row(Columns.Select(column => Cell(column.Get(item!))))).ToString();

    private static IEnumerable<(string Name, Func<object, object?> Get)> Of(Type type, string prefix, Func<object, object?> outer)
    {
        foreach (var member in ApiJson.Options.GetTypeInfo(type).Properties.Where(member => member.Get is not null))
        {
            var (name, read) = (prefix + member.Name, member.Get!);
            object? Get(object item) => outer(item) is { } inside ? read(inside) : null;
            if (ApiJson.Options.GetTypeInfo(member.PropertyType).Kind == JsonTypeInfoKind.Object)
            {
                foreach (var column in Of(member.PropertyType, name + "_", Get)) yield return column;
            }
            else
            {
                yield return (name, Get);
            }
        }
    }

    private static string Cell(object? value) => value switch
    {
        null => "",
        string text => Csv.Prose(text),
        IEnumerable list => JsonSerializer.Serialize(list, list.GetType(), ApiJson.Options),
        _ => JsonSerializer.Serialize(value, ApiJson.Options).Trim('"'), // a number, a flag or a time
    };
}
