using System.Reflection;
using System.Reflection.Emit;

namespace Agora.Architecture.Tests;

/// <summary>Which types the code of a type names: in a signature or in a method's body. A constant leaves no trace there, nor does <c>nameof</c>.</summary>
internal static class KnownTypes
{
    public static IEnumerable<Type> Of(Type type) => Known(type).SelectMany(Parts);

    private static IEnumerable<Type> Known(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        IEnumerable<Type?> known = [type.BaseType, .. type.GetInterfaces(), .. type.GetFields(All).Select(f => f.FieldType), .. type.GetMethods(All).SelectMany(Known), .. type.GetConstructors(All).SelectMany(Known)];
        return known.OfType<Type>();
    }

    private static IEnumerable<Type> Known(MethodBase method)
    {
        IEnumerable<Type?> known =
        [
            (method as MethodInfo)?.ReturnType, .. method.GetParameters().Select(p => p.ParameterType), .. method.GetMethodBody()?.LocalVariables.Select(l => l.LocalType) ?? [], .. InCode(method),
        ];
        return known.OfType<Type>();
    }

    // Whatever the code names by token: types, and those that declare the methods and fields it uses.
    private static IEnumerable<Type> InCode(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var ofMethod = method is MethodInfo { IsGenericMethod: true } ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            var op = code[at] == 0xFE ? Codes[0xFE00 | code[at + 1]] : Codes[code[at]];
            at += op.Size;
            if (op.OperandType is OperandType.InlineTok or OperandType.InlineType or OperandType.InlineMethod or OperandType.InlineField)
            {
                var member = method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod)!;
                if ((member as Type ?? member.DeclaringType) is { } named)
                {
                    yield return named;
                }

                if (member is MethodInfo { IsGenericMethod: true } generic)
                {
                    foreach (var argument in generic.GetGenericArguments()) yield return argument;
                }
            }

            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type> Parts(Type type) => type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? [type, .. type.GetGenericArguments().SelectMany(Parts)]
        : [type];

    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value & 0xFFFF);
}
